// Joins the adapters of each accepted mode to real AWS clients; what a mode does not need is not there.
import type { SendOnce } from '#shared/aws/send-once.ts'
import type { Group } from '#shared/access-rules.ts'
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { Logger } from '#shared/logger.ts'
import { createClientSecrets, createTrialToken } from './client-secrets.ts'
import { createMachineUsers, createTrialSignIn } from './machine-users.ts'
import type { StepDeps } from './steps/rotation-step.ts'

type AwsCredentialsDeps = {
  readonly cognito: CognitoIdentityProviderClient
  /** With `unrepeatedCallOptions`: a password is offered once, whatever becomes of the answer. */
  readonly unrepeatedCognito: CognitoIdentityProviderClient
  readonly send: SendOnce
  readonly logger: Logger
  readonly userPoolId: string
  /** Of the client of `password`, where that is accepted. */
  readonly machineClientId?: string | undefined
  /** What its users are put into. Without it there is no machine user: one in no group is of no use. */
  readonly machineGroups?: readonly Group[] | undefined
  /** Of the client of a scope mode, where one is accepted. */
  readonly machineScopeClientId?: string | undefined
  /** Where that mode is `client-credentials`. */
  readonly tokenEndpoint?: URL | undefined
}

export function createAwsCredentials(deps: AwsCredentialsDeps): Pick<StepDeps, 'machineUser' | 'scopeClient'> {
  const { cognito, unrepeatedCognito, send, logger, userPoolId, machineScopeClientId, tokenEndpoint } = deps
  const { machineClientId, machineGroups: groups } = deps
  return {
    machineUser:
      machineClientId === undefined || groups === undefined
        ? undefined
        : {
            clientId: machineClientId,
            users: createMachineUsers({ cognito, userPoolId, machineClientId, groups }),
            signIn: createTrialSignIn({ cognito: unrepeatedCognito, logger }),
          },
    scopeClient:
      machineScopeClientId === undefined
        ? undefined
        : {
            clientId: machineScopeClientId,
            secrets: createClientSecrets({ cognito, userPoolId, clientId: machineScopeClientId }),
            requestToken: createTrialToken({ cognito, send, tokenEndpoint }),
          },
  }
}
