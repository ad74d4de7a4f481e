// `${mode:…}` of serverless.yml: each function's routes, and what the chosen modes bring to its gates and resources, by the
// table of routes and the one in modes.ts.
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import type { AccessRule } from '#shared/access-rules.ts'
import { tokenEndpointOf } from '#shared/aws/aws-hosts.ts'
import { humanIdentities } from '#shared/human/human-issuers.ts'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { routes, type App1Route, type App2Route } from '#shared/routes.ts'
import * as z from 'zod/mini'
import { choiceProblem } from './choice-problem.ts'
import { sides } from './sides/owners.ts'
import { isOfJobs } from './without-jobs.ts'
import { isOfLifeCycle } from './without-life-cycle.ts'
import {
  absentFunctions,
  alarmTemplates,
  authorizationFor,
  deployedTemplates,
  poolTemplates,
  twoAccountTemplates,
  variablesOf,
  type Made,
  type PairModes,
  type TemplateFile,
} from './modes.ts'

type Address = {
  readonly address?: string | undefined
  /** What stands in brackets. */
  readonly params?: readonly unknown[] | undefined
  /** The value of a variable of serverless.yml, of which it takes what stands between the braces. */
  readonly resolveVariable: (variable: string) => Promise<unknown>
}

/** Those functions of serverless.yml that the chosen modes have no use for, by their names there. */
export function absentKeys(chosen: PairModes): string[] {
  return absentFunctions(chosen).map(keyOf)
}

/**
 * A source of variables for the framework. Rejects for a name that there is none of, and for a template or a section
 * that is not there. Modes that cannot be bring nothing: they are refused by name, see deployment-problems.ts.
 */
export async function resolveModeVariable({
  address = '',
  params = [],
  resolveVariable,
}: Address): Promise<{ value: unknown }> {
  if (!isSection(address)) {
    throw new Error(`There is no \${mode:${address}}, only ${Object.keys(sections).join(', ')}.`)
  }
  const values = await Promise.all(choiceParameters.map((name) => resolveVariable(`param:${name}`)))
  const chosen = chosenModes(Object.fromEntries(choiceParameters.map((name, at) => [name, values[at]])))
  const read = ({ file, section }: TemplateFile): Promise<unknown> =>
    resolveVariable(`file(infra/templates/${file})${section === undefined ? '' : `:${section}`}`)
  const section: Section = sections[address]
  return { value: chosen === undefined ? {} : await section(chosen, { read, params }) }
}

/** The modes that the parameters name; undefined for values that there are none of, or that exclude each other. */
export function chosenModes(parameters: Readonly<Record<string, unknown>>): PairModes | undefined {
  const { data } = choice.safeParse(parameters)
  if (data === undefined || choiceProblem(data) !== undefined) return undefined
  const { machineAuth, machineAuthAlso, app2Authorizer, lifeCycle, passwordReaders: readers, jobs, side } = data
  const { humanIdentity: identity, humanIssuers: issuers } = data
  const accepted = [machineAuth, machineAuthAlso].filter((mode) => mode !== 'none')
  const passwordReaders = readers === 'none' ? [] : readers.split(',')
  return {
    ...{ machineAuth, accepted, app2Authorizer, lifeCycle: lifeCycle === 'on' },
    ...{ passwordReaders, jobs: jobs === 'on', side },
    stsTokenPerRequest: data.stsTokenPerRequest === 'on',
    stsFunctionCheck: data.stsFunctionCheck === 'on',
    ...(issuers !== 'none' && { human: { identity, issuers } }),
  }
}

const choice = z.object({
  machineAuth: z.enum(machineAuthModes),
  machineAuthAlso: z.enum(['none', ...machineAuthModes]),
  app2Authorizer: z.enum(['lambda', 'cognito']),
  lifeCycle: z.enum(['on', 'off']),
  passwordReaders: z.string(),
  jobs: z.enum(['on', 'off']),
  stsTokenPerRequest: z.enum(['on', 'off']),
  stsFunctionCheck: z.enum(['on', 'off']),
  humanIdentity: z.enum(humanIdentities),
  humanIssuers: z.string(),
  side: z.enum(sides),
})

/** The parameters that choose. */
export const choiceParameters: readonly string[] = Object.keys(choice.shape)

type Read = (file: TemplateFile) => Promise<unknown>
type Given = { readonly read: Read; readonly params: readonly unknown[] }
type Section = (chosen: PairModes, given: Given) => object | Promise<object>

const sections = {
  routes: (chosen, { params: [name] }) => eventsOf(String(name), chosen),
  resources: async (chosen, { read }) => {
    const [pool, deployed] = [poolTemplates(chosen), deployedTemplates(chosen)]
    return merge([
      ...(await readAll(pool, read)).map(asDeployed),
      ...(await readAll(deployed, read)),
      ...(await readAll(twoAccountTemplates(chosen), read)),
      functions(chosen),
    ])
  },
  // Of an API that is not there, the framework refuses them.
  httpApi: (chosen, { read }) => (chosen.side === 'app2' ? {} : asObject(read({ file: 'http-api.yml' }))),
  alarms: async (chosen, { read }) => merge(await readAll(alarmTemplates(chosen), read)),
} as const satisfies Readonly<Record<string, Section>>

function isSection(name: string): name is keyof typeof sections {
  return Object.hasOwn(sections, name)
}

/** As the framework's `events` of a function say its routes, each with its gate. */
function eventsOf(name: string, chosen: PairModes): object[] {
  const isThere = (route: App1Route | App2Route): boolean =>
    (chosen.lifeCycle || !isOfLifeCycle(route)) && (chosen.jobs || !isOfJobs(route))
  const ofApp1 = routes.app1.filter(({ function: server = 'app1-provisioner' }) => server === name)
  const ofApp2 = routes.app2.filter((route) => route.function === name)
  if (ofApp1.length + ofApp2.length === 0) {
    throw new Error(`shared/routes.ts has no route of a function ${JSON.stringify(name)}.`)
  }
  return [
    ...ofApp1
      .filter(isThere)
      .map(({ method, path }) => ({ httpApi: { method, path, authorizer: { type: 'aws_iam' } } })),
    ...ofApp2
      .filter(isThere)
      .map((route) => ({ http: { method: route.method.toLowerCase(), path: route.path, ...gateOf(route, chosen) } })),
  ]
}

/** As the framework's `authorizer` of a route says it. */
function gateOf(rule: AccessRule, chosen: PairModes): { readonly authorizer?: object } {
  const authorization = authorizationFor(rule, chosen)
  const resultTtlInSeconds = '${param:authorizerTtlSeconds}'
  switch (authorization.kind) {
    case 'none':
      return {}
    case 'iam':
      return { authorizer: { type: 'aws_iam' } }
    case 'token': {
      const identitySource = 'method.request.header.Authorization'
      const name = 'authorizer'
      return { authorizer: { name, type: 'token', identitySource, identityValidationExpression, resultTtlInSeconds } }
    }
    case 'cognito': {
      const arn = { 'Fn::GetAtt': ['UserPool', 'Arn'] }
      const { scopes } = authorization
      return { authorizer: { name: 'cognito', type: 'COGNITO_USER_POOLS', arn, scopes, resultTtlInSeconds } }
    }
  }
}

type Sections = z.output<typeof template>

const template = z.object({
  Resources: z._default(
    z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) })),
    {},
  ),
  Outputs: z._default(z.record(z.string(), z.unknown()), {}),
})

async function asObject(read: Promise<unknown>): Promise<object> {
  return z.record(z.string(), z.unknown()).parse(await read)
}

async function readAll(files: readonly TemplateFile[], read: Read): Promise<Sections[]> {
  return Promise.all(files.map(async (file) => template.parse(await read(file))))
}

function merge(templates: readonly Sections[]): Sections {
  return {
    Resources: Object.fromEntries(templates.flatMap(({ Resources }) => Object.entries(Resources))),
    Outputs: Object.fromEntries(templates.flatMap(({ Outputs }) => Object.entries(Outputs))),
  }
}

/** The clients' access tokens live as long as the parameter says; on one machine, as the template says. */
function asDeployed({ Resources, Outputs }: Sections): Sections {
  const AccessTokenValidity = '${param:accessTokenMinutes}'
  const resources = Object.entries(Resources).map(([logicalId, { Properties, ...resource }]) => {
    const isClient = resource.Type === 'AWS::Cognito::UserPoolClient'
    return [
      logicalId,
      { ...resource, Properties: { ...Properties, ...(isClient && { AccessTokenValidity }) } },
    ] as const
  })
  return { Resources: Object.fromEntries(resources), Outputs }
}

/** The variables of the functions, which the framework merges over its own. */
function functions(chosen: PairModes): Sections {
  const absent = absentFunctions(chosen)
  const resources = Object.entries(variablesOf(chosen, intrinsics))
    .filter(([name, Variables]) => !absent.some((other) => other === name) && Object.keys(Variables).length > 0)
    .map(([name, Variables]) => {
      const logicalId = `${keyOf(`-${name}`)}LambdaFunction`
      return [logicalId, { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables } } }] as const
    })
  return { Resources: Object.fromEntries(resources), Outputs: {} }
}

/** `create-user` → `createUser`, `-create-user` → `CreateUser` */
function keyOf(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

const intrinsics: Made<object | string> = {
  userPool: { Ref: 'UserPool' },
  machineClient: { Ref: 'MachineClient' },
  machineScopeClient: { Ref: 'MachineScopeClient' },
  serviceScopeClient: { Ref: 'ServiceScopeClient' },
  tokenEndpoint: { 'Fn::Sub': tokenEndpointOf('${UserPoolDomain}', '${AWS::Region}') },
  rolesOf: (functions) => arnsOf(functions.map((name) => `${keyOf(`-${name}`)}Role`)),
  functionsOf: (functions) => arnsOf(functions.map((name) => `${keyOf(`-${name}`)}LambdaFunction`)),
  stsIssuer: '${param:stsIssuer}',
  serviceClient: { Ref: 'ServiceClient' },
  passwordSecretsPrefix: { 'Fn::Sub': '${AWS::StackName}/service-users/' },
  passwordSecretsKey: { 'Fn::GetAtt': ['PasswordSecretsKey', 'Arn'] },
  passwordKey: { 'Fn::GetAtt': ['PasswordKey', 'Arn'] },
}

function arnsOf(logicalIds: readonly string[]): object {
  const [first, ...others] = logicalIds
  if (others.length === 0) return { 'Fn::GetAtt': [first, 'Arn'] }
  return { 'Fn::Sub': logicalIds.map((logicalId) => `\${${logicalId}.Arn}`).join(',') }
}
