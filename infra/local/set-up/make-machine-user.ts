// Makes the machine user that App1 signs in as, by the rotation function itself; it shows nothing of what that makes.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMachineUsers } from '../../../services/machine-credential-rotation/machine-users.ts'
import { AwsCallError, RotationError } from '../../../services/machine-credential-rotation/rotation-error.ts'
import { createRotationHandler } from '../../../services/machine-credential-rotation/rotation-handler.ts'
import { createSecretStore } from '../../../services/machine-credential-rotation/secret-store.ts'
import { createTrialSignIn } from '../../../services/machine-credential-rotation/trial-sign-in.ts'
import { errorName } from '../../../shared/aws-errors.ts'
import type { Logger } from '../../../shared/logger.ts'
import type { Provisioned } from './apply-templates.ts'
import { rotateSecret } from './rotate-secret.ts'
import { SetUpError } from './set-up-error.ts'

export type MakeMachineUserDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly secrets: SecretsManagerClient
  readonly provisioned: Pick<Provisioned, 'userPoolId' | 'machineClientId' | 'machineSecretArn'>
  readonly onStep?: (text: string) => void
  /** Takes the function's log lines, which nobody sees without it. */
  readonly logger?: Logger
}

/**
 * One rotation of the machine secret. On return its AWSCURRENT version is `{username, password, client_id,
 * client_secret, idempotency_secret}`, and that user has signed in with it; called again, it makes or refreshes the
 * other one of the two machine users. Rejects with a SetUpError that names what went wrong.
 */
export async function makeMachineUser(deps: MakeMachineUserDeps): Promise<void> {
  const { cognito, secrets, provisioned, logger = silent } = deps
  const { userPoolId, machineClientId, machineSecretArn: secretArn } = provisioned
  const store = createSecretStore({ secretsManager: secrets, secretArn })
  try {
    await rotateSecret({
      secretArn,
      store,
      createFunction: (storeOfRotation) =>
        createRotationHandler({
          secretArn,
          machineClientId,
          store: storeOfRotation,
          users: createMachineUsers({ cognito, userPoolId, machineClientId }),
          signIn: createTrialSignIn({ cognito, logger }),
          sleep,
          logger,
          now: Date.now,
        }),
    })
  } catch (error) {
    // The function's own errors say in fixed words what failed; another one's message may repeat what was sent.
    const isFixed = error instanceof RotationError || error instanceof AwsCallError
    throw new SetUpError('rotating the machine secret', isFixed ? error.message : errorName(error))
  }
  deps.onStep?.('rotated MachineSecret: its machine user can sign in')
}

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
