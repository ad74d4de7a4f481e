// Whose each resource is, where App1 and App2 live in an account each; a test compares the table with what is packaged.

/** What a stack holds: the whole pair, or one of the two. */
export type Side = 'both' | 'app1' | 'app2'

export const sides = ['both', 'app1', 'app2'] as const satisfies readonly Side[]

/** Each has its own of what is `each`. The machine secret is with the credentials in it, and App1's where there are none. */
type Owner = 'app1' | 'app2' | 'each' | 'machineSecret'

/** By how the logical ids begin. */
const beginnings = {
  app1: ['App1', 'HttpApi', 'JobDead', 'JobKey', 'JobMessages', 'JobQueue', 'JobRows', 'Jobs', 'JobSweep', 'JobWorker'],
  app2: [
    ...['ApiAdmin', 'ApiClient', 'ApiGateway', 'App2', 'Authorizer', 'CheckUsers', 'ClientSecretRotation', 'Cognito'],
    ...['CreateUser', 'MachineClient', 'MachineCredential', 'MachineScope', 'MachineUser', 'ManageUsers', 'Password'],
    ...['Sample', 'Service', 'UserPool'],
  ],
  each: ['Operations', 'Security', 'ServerlessDeploymentBucket'],
  machineSecret: [],
} as const satisfies Readonly<Record<Owner, readonly string[]>>

/** Those that begin with nothing of that. The alarms in `each` are on metrics of both. */
const names = {
  app1: ['SignInStoppedAlarm', 'ThrottledAlarm'],
  app2: [
    ...[
      'DeletionSurgeAlarm',
      'MachineSecretRotation',
      'NearQuotaAlarm',
      'PartialChangesAlarm',
      'PartialProvisionAlarm',
    ],
    ...['PassedTheGateAlarm', 'RotationFailedAlarm'],
  ],
  each: [
    ...['AccessDeniedAlarm', 'AlarmKey', 'Dashboard', 'FunctionFailedAlarm', 'JobFunctionFailedAlarm'],
    'RefusalSurgeAlarm',
  ],
  machineSecret: ['MachineSecret', 'MachineSecretKey', 'MachineSecretPolicy'],
} as const satisfies Readonly<Record<Owner, readonly string[]>>

const owners = ['app1', 'app2', 'each', 'machineSecret'] as const satisfies readonly Owner[]

/** Whose `logicalId` is, a log group's or a metric filter's included. Throws for one that the table does not know. */
export function ownerOf(
  logicalId: string,
  { hasRotation }: { readonly hasRotation: boolean },
): Exclude<Owner, 'machineSecret'> {
  const isIn = (list: readonly string[]): boolean => list.includes(logicalId)
  const begins = (list: readonly string[]): boolean => list.some((beginning) => logicalId.startsWith(beginning))
  const owner = owners.find((name) => isIn(names[name])) ?? owners.find((name) => begins(beginnings[name]))
  if (owner === undefined) throw new Error(`infra/deploy/sides/owners.ts does not say whose ${logicalId} is.`)
  if (owner === 'machineSecret') return hasRotation ? 'app2' : 'app1'
  return owner
}

/** Whether a stack of `side` has nothing called so, because the other's has. */
export function isOfOther(side: Side, logicalId: string, modes: { readonly hasRotation: boolean }): boolean {
  return side !== 'both' && ![side, 'each'].includes(ownerOf(logicalId, modes))
}
