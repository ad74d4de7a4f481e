// Makes, at any endpoint, the resources that infra/templates/ describes, so that local equals deployed; it changes none that exist.
import { alias, key } from './kms-resources.ts'
import { userPool, userPoolClient, userPoolDomain, userPoolGroup, userPoolResourceServer } from './cognito-resources.ts'
import { tokenEndpointOf } from '#shared/aws/aws-hosts.ts'
import { lowerAlphanumerics, randomText } from '#shared/text/random-text.ts'
import {
  jobTemplates,
  passwordTemplates,
  poolTemplates,
  type PairModes,
  type TemplateFile,
} from '../../deploy/modes.ts'
import { readTemplate, type TemplateResources } from './read-template.ts'
import { resolveIntrinsics, type Scope } from './resolve-intrinsics.ts'
import type { Clients, MadeResource, ResourceType } from './resource-type.ts'
import { secret } from './secrets-resources.ts'
import { SetUpError } from './set-up-error.ts'

/** Where the pair's resources are. Nothing in it is secret. What no mode in use needs is not there. */
export type Provisioned = {
  readonly region: string
  readonly userPoolId: string
  readonly machineClientId?: string
  readonly serviceClientId: string
  /** How long an access token of that client lives. */
  readonly accessTokenMinutes: number
  readonly machineScopeClientId?: string
  readonly serviceScopeClientId?: string
  /** The full URL of the pool's `/oauth2/token`. */
  readonly tokenEndpoint?: string
  readonly machineSecretArn: string
  readonly passwordKeyArn: string
  readonly passwordSecretsPrefix: string
  /** Where a password may be generated. */
  readonly passwordSecretsKeyArn?: string
  /** Where App1's role gets tokens of STS: their issuer, which no template makes. */
  readonly stsIssuer?: string
  /** Where there are jobs. */
  readonly jobs?: { readonly table: string; readonly queueUrl: string; readonly keyArn: string }
}

export type TemplateChoice = Pick<PairModes, 'accepted' | 'app2Authorizer'> &
  Partial<Pick<PairModes, 'passwordReaders' | 'jobs'>>

const passwordAlone: TemplateChoice = { accepted: ['password'], app2Authorizer: 'lambda' }

/**
 * The templates of a choice, in the templates' folder. In this order, but a resource that another one needs comes first.
 * Throws RangeError where the machine's one client would have to be two things at once.
 */
export function templateFiles(choice: TemplateChoice = passwordAlone): TemplateFile[] {
  if (choice.accepted.includes('client-credentials') && choice.accepted.includes('client-token')) {
    throw new RangeError('client-credentials and client-token are two settings of one client: one of them at a time')
  }
  return [
    { file: 'cognito.yml' },
    ...poolTemplates(choice),
    { file: 'kms.yml' },
    { file: 'secrets.yml' },
    ...passwordTemplates(choice),
    ...jobTemplates(choice),
  ]
}

export type ApplyTemplatesDeps = Clients & {
  /** Ends in a slash. */
  readonly templatesFolder: URL
  readonly region: string
  /** `password` alone, behind our own authorizer, when absent. */
  readonly choice?: TemplateChoice
  /** The token endpoint of a domain, where it is not AWS that has it. */
  readonly tokenEndpointOf?: (domain: string) => string
  /** What `AWS::StackName` stands for. A fresh one each time by default, so that a set-up can be repeated anywhere. */
  readonly stackName?: string
  readonly onStep?: (text: string) => void
  /** Resource types beside those that every pair has. */
  readonly moreTypes?: Readonly<Record<string, ResourceType>>
}

/**
 * Every resource of the templates, made by SDK calls. Rejects with a SetUpError that names the file or the resource;
 * what had been made by then stays.
 */
export async function applyTemplates(deps: ApplyTemplatesDeps): Promise<Provisioned> {
  const files = templateFiles(deps.choice)
  const templates = await Promise.all(
    files.map(({ file, section }) => readTemplate(new URL(file, deps.templatesFolder), section)),
  )
  const resources = new Map(templates.flatMap((template) => [...template]))
  const stackName = deps.stackName ?? `latchkey-${randomText({ length: 8, alphabet: lowerAlphanumerics })}`
  const make = createMaker({ ...deps, stackName, resources })
  for (const logicalId of resources.keys()) await make(logicalId)
  const refOf = async (logicalId: string): Promise<string | undefined> =>
    resources.has(logicalId) ? (await make(logicalId)).ref : undefined
  const machineClientId = await refOf('MachineClient')
  const machineScopeClientId = await refOf('MachineScopeClient')
  const serviceScopeClientId = await refOf('ServiceScopeClient')
  const domain = await refOf('UserPoolDomain')
  const endpointOf = deps.tokenEndpointOf ?? ((name: string) => tokenEndpointOf(name, deps.region))
  return {
    region: deps.region,
    userPoolId: (await make('UserPool')).ref,
    ...(machineClientId !== undefined && { machineClientId }),
    serviceClientId: (await make('ServiceClient')).ref,
    accessTokenMinutes: Number(resources.get('ServiceClient')?.properties['AccessTokenValidity']),
    ...(machineScopeClientId !== undefined && { machineScopeClientId }),
    ...(serviceScopeClientId !== undefined && { serviceScopeClientId }),
    ...(domain !== undefined && { tokenEndpoint: endpointOf(domain) }),
    machineSecretArn: (await make('MachineSecret')).ref,
    passwordKeyArn: attributeOf(await make('PasswordKey'), 'PasswordKey', 'Arn'),
    passwordSecretsPrefix: `${stackName}/service-users/`,
    ...(resources.has('JobsTable') && {
      jobs: {
        table: (await make('JobsTable')).ref,
        queueUrl: (await make('JobQueue')).ref,
        keyArn: attributeOf(await make('JobKey'), 'JobKey', 'Arn'),
      },
    }),
    ...(resources.has(secretsKey) && {
      passwordSecretsKeyArn: attributeOf(await make(secretsKey), secretsKey, 'Arn'),
    }),
  }
}

const secretsKey = 'PasswordSecretsKey'

const resourceTypes: Readonly<Record<string, ResourceType>> = {
  'AWS::Cognito::UserPool': userPool,
  'AWS::Cognito::UserPoolGroup': userPoolGroup,
  'AWS::Cognito::UserPoolClient': userPoolClient,
  'AWS::Cognito::UserPoolDomain': userPoolDomain,
  'AWS::Cognito::UserPoolResourceServer': userPoolResourceServer,
  'AWS::KMS::Key': key,
  'AWS::KMS::Alias': alias,
  'AWS::SecretsManager::Secret': secret,
}

type MakerDeps = Omit<ApplyTemplatesDeps, 'templatesFolder' | 'stackName' | 'choice' | 'tokenEndpointOf'> & {
  readonly stackName: string
  readonly resources: TemplateResources
}

/**
 * Makes the resource of a logical id on the first call, after everything that it needs, and remembers it. Rejects as
 * applyTemplates does.
 */
export function createMaker(deps: MakerDeps): (logicalId: string) => Promise<MadeResource> {
  const made = new Map<string, MadeResource>()
  const underWay = new Set<string>()

  const scope: Scope = {
    ref: async (name) => {
      // The account that the endpoint works in is read from what it makes.
      if (name === 'AWS::AccountId') return accountOf(attributeOf(await make('UserPool'), 'UserPool', 'Arn'))
      return name.startsWith('AWS::') ? pseudoParameter(name, deps) : (await make(name)).ref
    },
    attribute: async (logicalId, attribute) => attributeOf(await make(logicalId), logicalId, attribute),
  }

  async function make(logicalId: string): Promise<MadeResource> {
    const existing = made.get(logicalId)
    if (existing !== undefined) return existing
    const resource = deps.resources.get(logicalId)
    if (resource === undefined) throw new SetUpError(logicalId, 'no template describes it')
    const what = `${logicalId} (${resource.type})`
    const types = { ...resourceTypes, ...deps.moreTypes }
    const type = Object.hasOwn(types, resource.type) ? types[resource.type] : undefined
    if (type === undefined) throw new SetUpError(what, 'this set-up does not know the resource type')
    if (underWay.has(logicalId)) throw new SetUpError(what, 'depends on itself')
    underWay.add(logicalId)
    for (const dependency of resource.dependsOn) await make(dependency)
    const carriedOut = Object.entries(resource.properties).filter(([name]) => !type.passedOver.includes(name))
    const properties = await resolveIntrinsics(Object.fromEntries(carriedOut), scope)
    const result = await type.make(properties, { ...deps, logicalId }).catch((cause: unknown) => {
      throw new SetUpError(what, `could not be made, ${String(cause)}`, { cause })
    })
    made.set(logicalId, result)
    deps.onStep?.(`made ${what}`)
    return result
  }

  return make
}

function attributeOf(resource: MadeResource, logicalId: string, attribute: string): string {
  const value = resource.attributes[attribute]
  if (value === undefined) throw new SetUpError(`${logicalId}.${attribute}`, 'this set-up does not know the attribute')
  return value
}

/** `arn:<partition>:<service>:<region>:<account>:<resource>` */
function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}

function pseudoParameter(name: string, { region, stackName }: { region: string; stackName: string }): string {
  if (name === 'AWS::Region') return region
  if (name === 'AWS::StackName') return stackName
  throw new SetUpError(name, 'this set-up does not know the pseudo-parameter')
}
