// Makes the credentials that App1 proves itself by, by the rotation function itself; it shows nothing of what that makes.
import { sendOnce } from '#shared/aws/send-once.ts'
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAwsCredentials } from '#services/credential-rotation/aws-credentials.ts'
import { AwsCallError, RotationError } from '#services/credential-rotation/rotation-error.ts'
import { createRotationHandler } from '#services/credential-rotation/rotation-handler.ts'
import { createSecretStore } from '#services/credential-rotation/secret-store.ts'
import { machineGroups } from '#shared/access-rules.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { Provisioned } from './apply-templates.ts'
import { rotateSecret } from './rotate-secret.ts'
import { SetUpError } from './set-up-error.ts'

export type MakeMachineCredentialsDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly secrets: SecretsManagerClient
  /** The clients in it say which modes are accepted. */
  readonly provisioned: Pick<
    Provisioned,
    'userPoolId' | 'machineClientId' | 'machineScopeClientId' | 'tokenEndpoint' | 'machineSecretArn'
  >
  readonly onStep?: (text: string) => void
  /** Takes the function's log lines, which nobody sees without it. */
  readonly logger?: Logger
}

/**
 * One rotation of the machine secret. On return its AWSCURRENT version holds `idempotency_secret` and, of each accepted
 * mode, credentials that Cognito has taken: `{username, password, client_id, client_secret}` of a machine user,
 * `{scope_client_id, scope_client_secret, scope_client_secret_id}` of a client. Called again, it renews both. Where no
 * mode has credentials, as with `sigv4`, there is nothing to do. Rejects with a SetUpError that names what went wrong.
 */
export async function makeMachineCredentials(deps: MakeMachineCredentialsDeps): Promise<void> {
  const { cognito, secrets, provisioned, logger = silent } = deps
  const { machineSecretArn: secretArn, tokenEndpoint } = provisioned
  if (provisioned.machineClientId === undefined && provisioned.machineScopeClientId === undefined) return
  const store = createSecretStore({ secretsManager: secrets, secretArn })
  const rotate = (): Promise<void> =>
    rotateSecret({
      secretArn,
      store,
      createFunction: (storeOfRotation) =>
        createRotationHandler({
          secretArn,
          store: storeOfRotation,
          ...createAwsCredentials({
            ...provisioned,
            machineGroups,
            tokenEndpoint: tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint),
            cognito,
            // A set-up makes do with the clients that it has: what they would offer again is a password that is right.
            unrepeatedCognito: cognito,
            send: sendOnce,
            logger,
          }),
          sleep,
          logger,
          now: Date.now,
        }),
    })
  try {
    await rotate().catch((error: unknown) => {
      // What an earlier rotation had left is over then, and the next one starts afresh.
      if (error instanceof RotationError && error.withdrawn) return rotate()
      throw error
    })
  } catch (error) {
    // The function's own errors say in fixed words what failed; another one's message may repeat what was sent.
    const isFixed = error instanceof RotationError || error instanceof AwsCallError
    throw new SetUpError('rotating the machine secret', isFixed ? error.message : errorName(error))
  }
  deps.onStep?.('rotated MachineSecret: what it holds was tried, and works')
}

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
