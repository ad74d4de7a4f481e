// What is packaged for the tests and for .ci/check-template: each variant as it is typed on the command line; it packages nothing.

const issuer = 'stsIssuer=https://abc123-def456.tokens.sts.global.api.aws'

/** Every parameter once, none of them as serverless.yml has it. */
const everyParameter = [
  'allowedCallers=arn:aws:iam::123456789012:role/caller,arn:aws:iam::123456789012:role/other=create+read',
  'alarmEmail=operations@example.com',
  'securityEmail=security@example.com',
  'accessTokenMinutes=7',
  'authorizerTtlSeconds=0',
  'userPoolDeletionPolicy=Retain',
  'userPoolDeletionProtection=ACTIVE',
  'creationsPerSecond=10',
  'changesPerSecond=15',
  'deletionSurge=5',
  'lifeCycle=on',
  'passwordReaders=arn:aws:iam::123456789012:role/worker,arn:aws:iam::210987654321:role/team/worker',
  'humanIdentity=verified',
  'humanIssuers=https://idp.example.com#email=latchkey+cli',
  'jobs=on',
  'bulkShare=0.5',
  'jobWorkers=4',
  'app2RequestsPerSecond=50',
  'createUserConcurrency=4',
  'sampleConcurrency=3',
  'logRetentionDays=90',
  'refusalSurge=500',
  'tracing=Active',
  'apiGatewayLogRole=keep',
  'machineAuth=password',
  'machineAuthAlso=sts-token',
  issuer,
  'stsTokenPerRequest=on',
  'stsFunctionCheck=on',
  'app2Authorizer=lambda',
  'refuseIssuedBefore=api-client=2026-01-31T12:00:00Z',
]

/** Three stages with `password`; every other mode, and API Gateway's own authorizer, on the stage dev. */
export const variants = {
  dev: ['--stage', 'dev'],
  prod: ['--stage', 'prod'],
  // A stage that serverless.yml does not name, where everything is traced.
  production: ['--stage', 'production', ...parameters('tracing=Active')],
  clientCredentials: parameters('machineAuth=client-credentials'),
  clientToken: parameters('machineAuth=client-token'),
  sigv4: parameters('machineAuth=sigv4', 'tracing=Active'),
  native: parameters('machineAuth=client-token', 'app2Authorizer=cognito', 'tracing=Active'),
  nativeWithDomain: parameters('machineAuth=client-credentials', 'app2Authorizer=cognito'),
  roleToken: parameters('machineAuth=sts-token', issuer, 'jobs=on', 'stsTokenPerRequest=on', 'stsFunctionCheck=on'),
  movingToRole: parameters('machineAuth=sts-token', 'machineAuthAlso=client-token', issuer),
  moving: parameters('machineAuth=password', 'machineAuthAlso=client-credentials'),
  moved: parameters('machineAuth=client-credentials', 'machineAuthAlso=password'),
  // Short names: of a path with 40 letters in a row checkov says that it is a secret.
  delivering: parameters(
    'jobs=on',
    'passwordReaders=arn:aws:iam::123456789012:role/worker,arn:aws:iam::210987654321:role/x',
  ),
  creationAlone: parameters('lifeCycle=off'),
  creationSigned: parameters('lifeCycle=off', 'machineAuth=sigv4'),
  creationScoped: parameters('lifeCycle=off', 'machineAuth=client-credentials'),
  jobs: parameters('jobs=on'),
  creationJobs: parameters('lifeCycle=off', 'jobs=on', 'machineAuth=sigv4', 'tracing=Active'),
  nativeJobs: parameters('jobs=on', 'machineAuth=client-token', 'app2Authorizer=cognito'),
  parameters: ['--region', 'eu-west-1', ...parameters(...everyParameter)],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Variant = keyof typeof variants

export const variantNames: readonly Variant[] = Object.keys(variants) as Variant[]

function parameters(...given: readonly string[]): string[] {
  return given.flatMap((parameter) => ['--param', parameter])
}
