// What each authentication mode brings to the pair: the one table that the deployment and the local set-up read. Its
// resources are CloudFormation, in infra/templates/modes/.
import { machineGroups, type AccessRule } from '#shared/access-rules.ts'
import type { HumanIdentity } from '#shared/human/human-issuers.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import type { Authorization } from '../emulators/gateway/rest-gate.ts'
import type { Side } from './sides/owners.ts'

/** In front of App2: our own authorizer, or API Gateway's for Cognito. */
export type App2Authorizer = 'lambda' | 'cognito'

/** How the two services know each other. */
export type PairModes = {
  /** What App1 uses. */
  readonly machineAuth: MachineAuth
  /** What App2 takes. */
  readonly accepted: readonly MachineAuth[]
  readonly app2Authorizer: App2Authorizer
  /** Whether App1 reads, changes and ends users as well. */
  readonly lifeCycle: boolean
  /** ARNs of the roles that generated passwords may be delivered to. */
  readonly passwordReaders: readonly string[]
  /** Whether App1 takes jobs, and forecasts what it would do. */
  readonly jobs: boolean
  /** With `sts-token`: whether each creation has a token of its own, and whether a token must come from App1's functions. */
  readonly stsTokenPerRequest: boolean
  readonly stsFunctionCheck: boolean
  /** Whose tokens name the human behind a creation. Absent: nobody's are taken. */
  readonly human?: Humans
  /** What one stack holds of the pair. Absent: both. */
  readonly side?: Side
}

/** `issuers` as `HUMAN_ISSUERS` has them. */
export type Humans = { readonly identity: HumanIdentity; readonly issuers: string }

export type FunctionName =
  | 'app1-provisioner'
  | 'jobs'
  | 'job-worker'
  | 'create-user'
  | 'check-users'
  | 'manage-users'
  | 'sample'
  | 'authorizer'
  | 'machine-credential-rotation'

/** What is known once the resources are there: to a template by its intrinsic functions, on one machine as it is. */
export type Made<Value> = {
  readonly userPool: Value
  readonly machineClient: Value
  readonly machineScopeClient: Value
  readonly serviceScopeClient: Value
  /** Of the pool's domain. */
  readonly tokenEndpoint: Value
  /** The ARNs of these functions' roles, separated by commas. */
  readonly rolesOf: (functions: readonly App1Name[]) => Value
  /** And their own. */
  readonly functionsOf: (functions: readonly App1Name[]) => Value
  /** As which AWS STS signs tokens for App1's account. */
  readonly stsIssuer: Value
  readonly serviceClient: Value
  /** Of the secrets with generated passwords: what their names begin with, and the ARN of their key. */
  readonly passwordSecretsPrefix: Value
  readonly passwordSecretsKey: Value
  /** ARN of the key of passwords on their way. */
  readonly passwordKey: Value
}

/** The functions of App1, each of which may call App2. */
const app1Names = ['app1-provisioner', 'jobs', 'job-worker'] as const

export type App1Name = (typeof app1Names)[number]

const ofApp2: readonly FunctionName[] = [
  ...(['create-user', 'check-users', 'manage-users', 'sample', 'authorizer', 'machine-credential-rotation'] as const),
] satisfies Exclude<FunctionName, App1Name>[]

type Variables<Value> = Readonly<Record<string, Value | string>>

type Mode = {
  /** What opens a route to the machine: a token that an authorizer looks at, or a signature that IAM verifies. */
  readonly opensBy: 'token' | 'signature'
  /** Whether the machine has credentials: the pool's clients for them, and a function that rotates them. */
  readonly hasCredentials: boolean
  /** Of App1 where it uses the mode; of the others where App2 accepts it. */
  readonly variables: <Value>(
    made: Made<Value>,
    chosen: Pick<PairModes, 'jobs' | 'stsTokenPerRequest' | 'stsFunctionCheck'>,
  ) => Partial<Record<FunctionName, Variables<Value>>>
}

export const modes = {
  password: {
    opensBy: 'token',
    hasCredentials: true,
    variables: ({ machineClient: MACHINE_CLIENT_ID }) => ({
      authorizer: { MACHINE_CLIENT_ID },
      'machine-credential-rotation': { MACHINE_CLIENT_ID },
    }),
  },
  'client-credentials': {
    opensBy: 'token',
    hasCredentials: true,
    variables: ({ machineScopeClient: MACHINE_SCOPE_CLIENT_ID, tokenEndpoint: TOKEN_ENDPOINT }) => ({
      'app1-provisioner': { TOKEN_ENDPOINT },
      jobs: { TOKEN_ENDPOINT },
      'job-worker': { TOKEN_ENDPOINT },
      authorizer: { MACHINE_SCOPE_CLIENT_ID },
      'machine-credential-rotation': { MACHINE_SCOPE_CLIENT_ID, TOKEN_ENDPOINT },
    }),
  },
  'client-token': {
    opensBy: 'token',
    hasCredentials: true,
    variables: ({ machineScopeClient: MACHINE_SCOPE_CLIENT_ID }) => ({
      authorizer: { MACHINE_SCOPE_CLIENT_ID },
      'machine-credential-rotation': { MACHINE_SCOPE_CLIENT_ID },
    }),
  },
  sigv4: {
    opensBy: 'signature',
    hasCredentials: false,
    // Those that ask it, and no other: the gate, IAM, says the same by its methods (templates/modes/sigv4.yml).
    variables: ({ rolesOf }, { jobs }) => {
      const PROVISIONER_ROLE_ARNS = rolesThatAsk(rolesOf, jobs)
      return {
        'create-user': { ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: PROVISIONER_ROLE_ARNS['create-user'] },
        'check-users': { ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: PROVISIONER_ROLE_ARNS['check-users'] },
        'manage-users': { ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: PROVISIONER_ROLE_ARNS['manage-users'] },
      }
    },
  },
  'sts-token': {
    opensBy: 'token',
    hasCredentials: false,
    variables: ({ rolesOf, functionsOf, stsIssuer: STS_ISSUER }, { jobs, stsTokenPerRequest, stsFunctionCheck }) => {
      const roles = rolesThatAsk(rolesOf, jobs)
      const all = jobs ? app1Names : (['app1-provisioner'] as const)
      const perRequest = { STS_TOKEN_PER_REQUEST: stsTokenPerRequest ? 'on' : 'off' }
      return {
        'app1-provisioner': perRequest,
        'job-worker': perRequest,
        'create-user': { PROVISIONER_ROLE_ARNS: roles['create-user'], ...perRequest },
        'check-users': { PROVISIONER_ROLE_ARNS: roles['check-users'] },
        'manage-users': { PROVISIONER_ROLE_ARNS: roles['manage-users'] },
        authorizer: {
          STS_ISSUER,
          PROVISIONER_ROLE_ARNS: rolesOf(all),
          ...(stsFunctionCheck && { PROVISIONER_FUNCTION_ARNS: functionsOf(all) }),
        },
      }
    },
  },
} as const satisfies Readonly<Record<MachineAuth, Mode>>

/** Which of App1's roles ask each function of App2. */
function rolesThatAsk<Value>(rolesOf: Made<Value>['rolesOf'], jobs: boolean) {
  return {
    'create-user': rolesOf(jobs ? ['app1-provisioner', 'job-worker'] : ['app1-provisioner']),
    'check-users': rolesOf(['app1-provisioner', 'jobs']),
    'manage-users': rolesOf(['app1-provisioner']),
  }
}

/** The variables by which the modes differ, of each function; `sample` has some behind API Gateway's authorizer alone. */
export function variablesOf<Value>(chosen: PairModes, made: Made<Value>): Record<FunctionName, Variables<Value>> {
  const { machineAuth, accepted, app2Authorizer, lifeCycle, passwordReaders, jobs, human } = chosen
  const ofMode = (mode: MachineAuth, name: FunctionName): Variables<Value> => {
    const { variables }: Mode = modes[mode]
    return variables(made, chosen)[name] ?? {}
  }
  const ofAccepted = (name: FunctionName): Variables<Value> =>
    Object.fromEntries(accepted.flatMap((mode) => Object.entries(ofMode(mode, name))))
  const toApp2 = (name: App1Name): Variables<Value> => ({ MACHINE_AUTH: machineAuth, ...ofMode(machineAuth, name) })
  const MACHINE_AUTH_ACCEPTED = accepted.join(',')
  // App2's own check reads the claims that API Gateway has verified.
  const claims: Variables<Value> =
    app2Authorizer === 'lambda'
      ? {}
      : {
          ACCESS_FROM: 'claims',
          USER_POOL_ID: made.userPool,
          MACHINE_SCOPE_CLIENT_ID: made.machineScopeClient,
          SERVICE_SCOPE_CLIENT_ID: made.serviceScopeClient,
        }
  const readers: Variables<Value> = passwordReaders.length === 0 ? {} : { PASSWORD_READERS: passwordReaders.join(',') }
  const delivery: Variables<Value> =
    passwordReaders.length === 0
      ? {}
      : {
          ...readers,
          PASSWORD_SECRETS_PREFIX: made.passwordSecretsPrefix,
          PASSWORD_SECRETS_KEY_ARN: made.passwordSecretsKey,
          SERVICE_CLIENT_ID: made.serviceClient,
        }
  const humans: Variables<Value> = human ? { HUMAN_IDENTITY: human.identity, HUMAN_ISSUERS: human.issuers } : {}
  return {
    'app1-provisioner': { ...toApp2('app1-provisioner'), ...(jobs && { DRY_RUN: 'on' }), ...humans },
    jobs: { ...toApp2('jobs'), ...readers, ...humans, ...(human && { KMS_KEY_ARN: made.passwordKey }) },
    'job-worker': toApp2('job-worker'),
    'create-user': { ...ofAccepted('create-user'), ...claims, ...delivery, ...humans },
    'check-users': { ...ofAccepted('check-users'), ...claims, ...readers },
    'manage-users': { ...ofAccepted('manage-users'), ...claims, ...delivery },
    sample: claims,
    authorizer: { MACHINE_AUTH_ACCEPTED, ...ofAccepted('authorizer') },
    'machine-credential-rotation': {
      MACHINE_AUTH_ACCEPTED,
      ...ofAccepted('machine-credential-rotation'),
      ...(accepted.includes('password') && {
        MACHINE_GROUPS: machineGroups.filter((group) => lifeCycle || group !== 'api-admin').join(','),
      }),
    },
  }
}

/**
 * What guards the route of `rule`. IAM opens a route only where the table of routes names a principal. API Gateway's own
 * authorizer knows scopes alone: a group opens nothing, so service users cannot call the sample route; a token without
 * the scope is answered 401, not 403; and no cut-off by time is to be had.
 */
export function authorizationFor({ access }: AccessRule, { accepted, app2Authorizer }: PairModes): Authorization {
  if (access === 'public') return { kind: 'none' }
  if (app2Authorizer === 'cognito') return { kind: 'cognito', scopes: [access.scope] }
  const isSigned = accepted.some((mode) => modes[mode].opensBy === 'signature')
  return { kind: isSigned && access.principal !== undefined ? 'iam' : 'token' }
}

/** Which functions there are none of. */
export function absentFunctions(chosen: PairModes): FunctionName[] {
  return [
    ...(chosen.app2Authorizer === 'lambda' ? [] : ['authorizer' as const]),
    ...(hasRotation(chosen) ? [] : ['machine-credential-rotation' as const]),
    ...(chosen.lifeCycle ? [] : ['manage-users' as const]),
    ...(chosen.jobs ? [] : (['jobs', 'job-worker', 'check-users'] as const)),
    ...(chosen.side === 'app1' ? ofApp2 : []),
    ...(chosen.side === 'app2' ? app1Names : []),
  ]
}

export function hasRotation({ accepted }: PairModes): boolean {
  return accepted.some((mode) => modes[mode].hasCredentials)
}

type DeployedSection = 'pool' | 'behindCognito' | 'key' | 'deployed' | 'jobs' | 'perRequest' | 'perRequestJobs'
type TwoAccountSection = 'roles' | 'jobs' | 'functions' | 'jobFunctions' | 'secret' | 'endpoint' | 'api'

/** A template of infra/templates/, or the one in a section of it. */
export type TemplateFile = {
  readonly file: string
  readonly section?: DeployedSection | TwoAccountSection
}

/** What the user pool has for the modes, deployed or on one machine. */
export function poolTemplates({
  accepted,
  app2Authorizer,
}: Pick<PairModes, 'accepted' | 'app2Authorizer'>): TemplateFile[] {
  const files = accepted.filter((mode) => modes[mode].hasCredentials).map(modeFile)
  return [
    ...files.map((file) => ({ file, section: 'pool' as const })),
    ...(app2Authorizer === 'cognito' ? files.map((file) => ({ file, section: 'behindCognito' as const })) : []),
  ]
}

/** What generated passwords need, deployed or on one machine. */
export function passwordTemplates({ passwordReaders = [] }: Partial<PairModes>): TemplateFile[] {
  return passwordReaders.length === 0 ? [] : [{ file: 'generated-passwords.yml', section: 'key' }]
}

/** Where jobs are kept, deployed or on one machine. */
export function jobTemplates({ jobs = false }: Partial<PairModes>): TemplateFile[] {
  return jobs ? [{ file: 'jobs/store.yml' }] : []
}

/** What the modes, the authorizer, generated passwords and jobs have beside that in AWS. */
export function deployedTemplates(chosen: PairModes): TemplateFile[] {
  return [
    ...chosen.accepted.map((mode) => ({ file: modeFile(mode), section: 'deployed' as const })),
    { file: hasRotation(chosen) ? 'rotation.yml' : 'unrotated-secret.yml' },
    ...(chosen.app2Authorizer === 'lambda' ? [{ file: 'authorizer.yml' }] : []),
    ...passwordTemplates(chosen).flatMap((key) => [key, { ...key, section: 'deployed' as const }]),
    ...jobTemplates(chosen),
    ...(chosen.jobs ? [{ file: 'jobs/roles.yml' }] : []),
    ...(chosen.jobs ? roleModes(chosen).map((mode) => ({ file: modeFile(mode), section: 'jobs' as const })) : []),
    ...perRequestTemplates(chosen),
  ]
}

/** Those of the accepted modes in which each role of App1 has permissions of its own for it. */
function roleModes({ accepted }: PairModes): MachineAuth[] {
  return accepted.filter((mode) => !modes[mode].hasCredentials)
}

function perRequestTemplates({ accepted, jobs, stsTokenPerRequest }: PairModes): TemplateFile[] {
  if (!accepted.includes('sts-token') || !stsTokenPerRequest) return []
  const sections = jobs ? (['perRequest', 'perRequestJobs'] as const) : (['perRequest'] as const)
  return sections.map((section) => ({ file: modeFile('sts-token'), section }))
}

/** Whether App2 is told which functions App1's tokens come from. */
export function checksFunctions({ accepted, stsFunctionCheck }: PairModes): boolean {
  return accepted.includes('sts-token') && stsFunctionCheck
}

/** What each side tells the other of itself, where they live in two accounts, and what is there for the other alone. */
export function twoAccountTemplates(chosen: PairModes): TemplateFile[] {
  if (chosen.side === undefined || chosen.side === 'both') return []
  const sections: TwoAccountSection[] = [
    ...(['roles'] as const),
    ...(chosen.jobs ? (['jobs'] as const) : []),
    ...(checksFunctions(chosen) ? (['functions'] as const) : []),
    ...(checksFunctions(chosen) && chosen.jobs ? (['jobFunctions'] as const) : []),
    ...(hasRotation(chosen) ? (['secret'] as const) : []),
    ...(chosen.accepted.includes('client-credentials') ? (['endpoint'] as const) : []),
    ...(chosen.accepted.includes('sigv4') ? (['api'] as const) : []),
  ]
  return sections.map((section) => ({ file: 'two-accounts.yml', section }))
}

/** The alarms on functions that only some modes have. */
export function alarmTemplates(chosen: PairModes): TemplateFile[] {
  return [
    ...(chosen.app2Authorizer === 'lambda' ? [{ file: 'alarms/authorizer.yml' }] : []),
    ...(hasRotation(chosen) ? [{ file: 'alarms/rotation.yml' }] : []),
    ...(chosen.jobs ? [{ file: 'alarms/jobs.yml' }] : []),
  ]
}

function modeFile(mode: MachineAuth): string {
  return `modes/${mode}.yml`
}
