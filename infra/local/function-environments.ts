// What each function of a local pair finds in its environment: what its mode needs, and nothing of another one.
import { permissions } from '#shared/access-rules.ts'
import { variablesOf, type FunctionName, type PairModes } from '../deploy/modes.ts'
import { app1FunctionArn, localRoles } from './local-signers.ts'
import { authorizerTtlSeconds, jobPace, type JobPace } from './pair-modes.ts'
import type { Provisioned } from './set-up/apply-templates.ts'

type Environment = Readonly<Record<string, string>>

/** Each function sees these variables and no other, as it would in Lambda. `aws` goes to those that call AWS. */
export function functionEnvironments(
  provisioned: Provisioned,
  modes: PairModes,
  aws: Environment,
  pace?: JobPace,
): Record<FunctionName, Environment> {
  const { userPoolId: USER_POOL_ID, passwordKeyArn: KMS_KEY_ARN, machineSecretArn: MACHINE_SECRET_ARN } = provisioned
  const shared = { AWS_REGION: provisioned.region, ...aws, USER_POOL_ID }
  const byAuthorizer = { ACCESS_FROM: 'authorizer' }
  const byMode = variablesOf<string | undefined>(modes, {
    userPool: USER_POOL_ID,
    machineClient: provisioned.machineClientId,
    machineScopeClient: provisioned.machineScopeClientId,
    serviceScopeClient: provisioned.serviceScopeClientId,
    tokenEndpoint: provisioned.tokenEndpoint,
    // On one machine all of App1 signs as one role.
    rolesOf: () => localRoles.provisioner,
    functionsOf: () => app1FunctionArn,
    stsIssuer: provisioned.stsIssuer,
    serviceClient: provisioned.serviceClientId,
    passwordSecretsPrefix: provisioned.passwordSecretsPrefix,
    passwordSecretsKey: provisioned.passwordSecretsKeyArn,
    passwordKey: KMS_KEY_ARN,
  })
  const { bulkShare, creationsPerSecond, workers } = pace ?? jobPace
  const ALLOWED_CALLERS = `${localRoles.caller}=${permissions.join('+')},${localRoles.reader}=read`
  const store = given({
    JOBS_TABLE: provisioned.jobs?.table,
    JOBS_QUEUE_URL: provisioned.jobs?.queueUrl,
    JOB_KEY_ARN: provisioned.jobs?.keyArn,
  })
  return {
    'app1-provisioner': {
      ...shared,
      KMS_KEY_ARN,
      MACHINE_SECRET_ARN,
      ALLOWED_CALLERS,
      ...given(byMode['app1-provisioner']),
    },
    jobs: { ...shared, MACHINE_SECRET_ARN, ALLOWED_CALLERS, ...store, ...given(byMode.jobs) },
    'job-worker': {
      ...shared,
      KMS_KEY_ARN,
      MACHINE_SECRET_ARN,
      ...store,
      BULK_SHARE: String(bulkShare),
      CREATIONS_PER_SECOND: String(creationsPerSecond),
      JOB_WORKERS: String(workers),
      ...given(byMode['job-worker']),
    },
    'check-users': { ...shared, ...byAuthorizer, ...given(byMode['check-users']) },
    'create-user': {
      ...shared,
      KMS_KEY_ARN,
      ...(pace && { CREATIONS_PER_SECOND: String(creationsPerSecond) }),
      ...byAuthorizer,
      ...given(byMode['create-user']),
    },
    'manage-users': {
      ...shared,
      KMS_KEY_ARN,
      CHANGES_PER_SECOND: '20',
      ACCESS_TOKEN_MINUTES: String(provisioned.accessTokenMinutes),
      AUTHORIZER_TTL_SECONDS: String(authorizerTtlSeconds),
      ...byAuthorizer,
      ...given(byMode['manage-users']),
    },
    sample: { ...byAuthorizer, ...given(byMode.sample) },
    authorizer: { ...shared, SERVICE_CLIENT_ID: provisioned.serviceClientId, ...given(byMode.authorizer) },
    'machine-credential-rotation': {
      ...shared,
      MACHINE_SECRET_ARN,
      ...given(byMode['machine-credential-rotation']),
    },
  }
}

/** The variables that have a value. */
function given(variables: Readonly<Record<string, string | undefined>>): Environment {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
