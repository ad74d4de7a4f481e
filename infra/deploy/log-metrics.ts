// What CloudWatch counts and measures of the logs, a row each, and the metric filters that the template has for it.
//
// Each pattern reads a line that the code of that log writes, which a test compares. A metric by dimension has one only of
// closed lists (codes, reasons): every value is a metric of its own, and paid for.
import type { Resource } from './finish-template.ts'
import { isOfOther, type Side } from './sides/owners.ts'

type Row = {
  readonly logicalId: string
  readonly metric: string
  readonly pattern: string
  /** Members of the line; without any, a quiet minute counts as 0. */
  readonly by?: readonly string[]
}

const count = (logicalId: string, metric: string, pattern: string, by: readonly string[] = []): Row => ({
  logicalId,
  metric,
  pattern,
  by,
})

const refusals = '{ ($.message = "request refused") && ($.service = *) && ($.code = *) }'
const failures = '{ ($.message = "request failed") && ($.service = *) && ($.code = *) }'
const awsRefusal = '{ $.reason = "AccessDeniedException" }'
/** The functions behind the gate look again. A refusal of theirs means that the gate let somebody through. */
const passedTheGate = '{ ($.code = "forbidden") || ($.code = "unauthorized") }'
const refusedAtTheGate = '{ ($.status = "401") || ($.status = "403") }'
/** Which service failed is told by the step that was the last. Throttled (429) is not served either. */
const failedAt = (steps: string): string => `{ ($.status >= 429) && ($.service = *) && ($.reason = *) && ${steps} }`

/** Of each function that authenticates to App2. */
const ofMachine = (prefix: string): Row[] => [
  count(`${prefix}MachineSignInFilter`, 'MachineSignIns', '{ $.message = "machine signed in" }'),
  count(
    `${prefix}CredentialRejectedFilter`,
    'MachineCredentialRejected',
    '{ $.message = "machine credential rejected" }',
  ),
  count(`${prefix}SignInStoppedFilter`, 'MachineSignInStopped', '{ $.message = "machine sign-in stopped*" }'),
  count(
    `${prefix}SessionNotRevokedFilter`,
    'MachineSessionNotRevoked',
    '{ $.message = "machine session not revoked" }',
  ),
  count(`${prefix}OlderSecretFilter`, 'OlderSecretServes', '{ $.message = "machine secret not refreshed*" }'),
]

/** By the log group that they read. */
const counts = {
  App1ProvisionerLogGroup: [
    count('ProvisionedFilter', 'UsersProvisioned', '{ $.message = "service user provisioned" }'),
    count('App1RefusalsFilter', 'Refusals', refusals, ['service', 'code']),
    count('App1FailuresFilter', 'Failures', failures, ['service', 'code']),
    ...ofMachine(''),
    count('App1AccessDeniedFilter', 'AccessDenied', awsRefusal),
    count('SecretErrorsFilter', 'SecretErrors', failedAt('($.secret_ms = *) && ($.token_ms NOT EXISTS)'), [
      'service',
      'reason',
    ]),
    count(
      'SignInErrorsFilter',
      'SignInErrors',
      failedAt('($.token_ms = *) && ($.seal_ms NOT EXISTS) && ($.app2_ms NOT EXISTS)'),
      ['service', 'reason'],
    ),
    count('SealErrorsFilter', 'KmsErrors', failedAt('($.seal_ms = *) && ($.app2_ms NOT EXISTS)'), [
      'service',
      'reason',
    ]),
  ],
  JobsLogGroup: [
    count('JobsRefusalsFilter', 'Refusals', refusals, ['service', 'code']),
    count('JobsFailuresFilter', 'Failures', failures, ['service', 'code']),
    ...ofMachine('Jobs'),
    count('JobsAccessDeniedFilter', 'AccessDenied', awsRefusal),
  ],
  JobWorkerLogGroup: [
    count('RowsCreatedFilter', 'UsersProvisioned', '{ $.message = "service user provisioned" }'),
    // Each attempt that came to nothing, by why: some are repeated.
    count('RowsNotCreatedFilter', 'RowsNotCreated', '{ ($.message = "row not created") && ($.code = *) }', ['code']),
    count('RowsGivenUpFilter', 'RowsGivenUp', '{ $.message = "row given up" }'),
    count('RowsNotWorkedOffFilter', 'RowsNotWorkedOff', '{ $.message = "row not worked off" }'),
    ...ofMachine('JobWorker'),
    count('JobWorkerAccessDeniedFilter', 'AccessDenied', awsRefusal),
  ],
  CreateUserLogGroup: [
    // `created`, or `repeated`: a request that was answered before, by the same caller with the same key.
    count('CreationsFilter', 'Creations', '{ ($.message = "service user created") && ($.outcome = *) }', ['outcome']),
    count('CreateUserRefusalsFilter', 'Refusals', refusals, ['service', 'code']),
    count('CreateUserFailuresFilter', 'Failures', failures, ['service', 'code']),
    count('HalfMadeRemovedFilter', 'HalfMadeRemoved', '{ $.message = "half-made user removed" }'),
    // Could not be removed, or was found by a repeat that came too late to finish it.
    count(
      'PartialProvisionFilter',
      'PartialProvision',
      '{ ($.message = "half-made user left behind") || ($.reason = "older_than_an_hour") }',
    ),
    count('CreateUserAccessDeniedFilter', 'AccessDenied', awsRefusal),
    count('PasswordUnreadableFilter', 'PasswordUnreadable', '{ $.code = "password_unreadable" }'),
    count('CreateUserGateFilter', 'PassedTheGate', passedTheGate),
    // `admission` is create-user's own limit, which no step is.
    count(
      'OpenErrorsFilter',
      'KmsErrors',
      failedAt('($.reason != "admission") && ($.open_ms = *) && ($.create_ms NOT EXISTS)'),
      ['service', 'reason'],
    ),
    count('DirectoryErrorsFilter', 'CognitoErrors', failedAt('($.create_ms = *)'), ['service', 'reason']),
  ],
  CheckUsersLogGroup: [
    count('CheckUsersRefusalsFilter', 'Refusals', refusals, ['service', 'code']),
    count('CheckUsersFailuresFilter', 'Failures', failures, ['service', 'code']),
    count('CheckUsersAccessDeniedFilter', 'AccessDenied', awsRefusal),
    count('CheckUsersGateFilter', 'PassedTheGate', passedTheGate),
  ],
  ManageUsersLogGroup: [
    count(
      'UserChangesFilter',
      'UserChanges',
      '{ ($.message = "service user changed") && ($.operation = *) && ($.outcome = *) }',
      ['operation', 'outcome'],
    ),
    count('UsersDeletedFilter', 'UsersDeleted', '{ ($.message = "service user changed") && ($.operation = "delete") }'),
    count('PartialChangesFilter', 'PartialChanges', '{ $.message = "service user change begun and not finished" }'),
    count('ManageUsersRefusalsFilter', 'Refusals', refusals, ['service', 'code']),
    count('ManageUsersFailuresFilter', 'Failures', failures, ['service', 'code']),
    count('ManageUsersAccessDeniedFilter', 'AccessDenied', awsRefusal),
    count('ManageUsersUnreadableFilter', 'PasswordUnreadable', '{ $.code = "password_unreadable" }'),
    count('ManageUsersGateFilter', 'PassedTheGate', passedTheGate),
    count(
      'ManageUsersOpenErrorsFilter',
      'KmsErrors',
      failedAt('($.reason != "admission") && ($.open_ms = *) && ($.directory_ms NOT EXISTS)'),
      ['service', 'reason'],
    ),
    count(
      'ManageUsersDirectoryErrorsFilter',
      'CognitoErrors',
      failedAt('($.reason != "admission") && ($.directory_ms = *)'),
      ['service', 'reason'],
    ),
  ],
  SampleLogGroup: [
    count('SampleRefusalsFilter', 'Refusals', refusals, ['service', 'code']),
    count('SampleGateFilter', 'PassedTheGate', passedTheGate),
  ],
  AuthorizerLogGroup: [
    // Not requests: API Gateway keeps an answer for authorizerTtlSeconds.
    count('TokensAcceptedFilter', 'TokensAccepted', '{ ($.message = "Token accepted") && ($.client = *) }', ['client']),
    count(
      'TokensRefusedFilter',
      'TokensRefused',
      '{ (($.message = "Token refused") || ($.message = "Access denied")) && ($.reason = *) }',
      ['reason'],
    ),
    count('KeySetNotFetchedFilter', 'KeySetNotFetched', '{ $.message = "The JWKS could not be fetched" }'),
    // An internal failure, such as a JWKS out of reach; a refused token is another line.
    count('AuthorizerTroubleFilter', 'AuthorizerTrouble', '{ $.message = "Authorization failed" }'),
  ],
  MachineCredentialRotationLogGroup: [
    count(
      'RotationStepsFilter',
      'RotationSteps',
      '{ ($.message = "*rotation: step done") && ($.operation = *) && ($.outcome = *) }',
      ['operation', 'outcome'],
    ),
    count(
      'RotationFailuresFilter',
      'RotationFailures',
      '{ ($.message = "*rotation: step failed") && ($.operation = *) && ($.reason = *) }',
      ['operation', 'reason'],
    ),
  ],
  // The gateways' access logs see more than the functions: a request that was turned away before any of them ran.
  App2AccessLog: [count('App2RefusedFilter', 'Refused', refusedAtTheGate)],
  HttpApiLogGroup: [
    count('App1RefusedFilter', 'Refused', refusedAtTheGate),
    // Whoever throttles, Cognito, KMS, App2 or App1's own gateway, it ends here.
    count('ThrottledFilter', 'Throttled', '{ $.status = "429" }'),
  ],
} as const satisfies Readonly<Record<string, readonly Row[]>>

type LogGroup = keyof typeof counts

/** Those of functions that a deployment may do without. */
const optional: readonly string[] = [
  'AuthorizerLogGroup',
  'CheckUsersLogGroup',
  'JobsLogGroup',
  'JobWorkerLogGroup',
  'MachineCredentialRotationLogGroup',
  'ManageUsersLogGroup',
] satisfies LogGroup[]

/** The durations of steps, in milliseconds: `secret_ms` becomes the metric `SecretMs`. */
const durations: Readonly<Partial<Record<LogGroup, { readonly prefix: string; readonly steps: readonly string[] }>>> = {
  App1ProvisionerLogGroup: { prefix: 'App1', steps: ['secret', 'token', 'seal', 'app2'] },
  CreateUserLogGroup: { prefix: 'CreateUser', steps: ['open', 'create', 'group', 'password'] },
  ManageUsersLogGroup: { prefix: 'ManageUsers', steps: ['directory'] },
}

/**
 * One AWS::Logs::MetricFilter for each row, by its logical id, of the log groups that `resources` has. Throws where it
 * lacks one that every mode of the side has: its metrics would be gone without a word, and the alarms on them silent.
 */
export function logMetricFilters(
  resources: Readonly<Record<string, Resource>>,
  side: Side = 'both',
): Record<string, Resource> {
  const filters = Object.entries(counts).flatMap(([logGroup, rows]) => {
    if (resources[logGroup] === undefined) {
      if (optional.includes(logGroup) || isOfOther(side, logGroup, { hasRotation: true })) return []
      throw new Error(`The template has no ${logGroup}, whose lines infra/deploy/log-metrics.ts counts.`)
    }
    return [
      ...rows.map((row) => [row.logicalId, toFilter(logGroup, row.pattern, countOf(row))] as const),
      ...durationsOf(logGroup),
    ]
  })
  return Object.fromEntries(filters)
}

function countOf({ metric, by = [] }: Row): object {
  const one = { MetricName: metric, MetricValue: '1', Unit: 'Count' }
  if (by.length === 0) return { ...one, DefaultValue: 0 }
  return { ...one, Dimensions: by.map((member) => ({ Key: member, Value: `$.${member}` })) }
}

function durationsOf(logGroup: string): (readonly [string, Resource])[] {
  const measured: Readonly<Record<string, (typeof durations)[LogGroup]>> = durations
  const { prefix, steps } = measured[logGroup] ?? { prefix: '', steps: [] }
  return steps.map((step) => {
    const member = `$.${step}_ms`
    const MetricName = `${step.charAt(0).toUpperCase()}${step.slice(1)}Ms`
    const transformation = { MetricName, MetricValue: member, Unit: 'Milliseconds' }
    return [`${prefix}${MetricName}`, toFilter(logGroup, `{ ${member} = * }`, transformation)]
  })
}

function toFilter(logGroup: string, FilterPattern: string, transformation: object): Resource {
  return {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: { Ref: logGroup },
      FilterPattern,
      MetricTransformations: [{ MetricNamespace: { 'Fn::Sub': 'Latchkey/${AWS::StackName}' }, ...transformation }],
    },
  }
}
