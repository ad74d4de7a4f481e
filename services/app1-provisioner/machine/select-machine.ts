// Makes the machine of the mode that the configuration names; it never tries another mode on failure.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { unrepeatedCallOptions } from '#shared/aws/aws-client-options.ts'
import type { SendOnce } from '#shared/aws/send-once.ts'
import type { Logger } from '#shared/logger.ts'
import { createApp2Transport } from '../app2-transport.ts'
import { createClientCredentialsSignIn } from './client-credentials-sign-in.ts'
import { createClientTokenSignIn } from './client-token-sign-in.ts'
import type { MachineAuthChoice } from '../config.ts'
import { createBearerMachine, createSignatureMachine, type Machine } from './machine.ts'
import {
  clientCredentials,
  createMachineSecretSource,
  noCredentials,
  passwordCredentials,
  type MachineSecretSource,
  type StoredCredentials,
} from './machine-secret.ts'
import { createMachineTokenSource } from './machine-token.ts'
import { createPasswordSignIn } from './password-sign-in.ts'
import type { SignIn } from './sign-in.ts'

type MachineConfig = {
  readonly region: string
  readonly machineSecretArn: string
  readonly machineAuth: MachineAuthChoice
}

type MachineDeps = {
  readonly secretsManager: SecretsManagerClient
  readonly send: SendOnce
  readonly now: () => number
  readonly logger: Logger
}

/** Call it once, when the service starts: what it makes keeps the token and knows what was rejected. */
export function createMachine({ region, machineSecretArn, machineAuth }: MachineConfig, deps: MachineDeps): Machine {
  const toApp2 = createApp2Transport(deps)
  const secretSource = <Credentials>(stored: StoredCredentials<Credentials>): MachineSecretSource<Credentials> =>
    createMachineSecretSource({ ...deps, secretArn: machineSecretArn, stored })
  const bearer = <Credentials>(stored: StoredCredentials<Credentials>, signIn: SignIn<Credentials>): Machine => {
    const secrets = secretSource(stored)
    return createBearerMachine({
      secrets,
      tokens: createMachineTokenSource({ ...deps, secrets, signIn }),
      send: toApp2,
    })
  }
  // A sign-in is not repeated by the SDK: of a lost answer nobody knows whether it counted as a failure.
  const cognito = (): CognitoIdentityProviderClient =>
    new CognitoIdentityProviderClient({ ...unrepeatedCallOptions, region })

  switch (machineAuth.mode) {
    case 'password':
      return bearer(passwordCredentials, createPasswordSignIn({ cognito: cognito(), logger: deps.logger }))
    case 'client-token':
      return bearer(clientCredentials, createClientTokenSignIn({ cognito: cognito() }))
    case 'client-credentials':
      return bearer(
        clientCredentials,
        createClientCredentialsSignIn({ send: deps.send, tokenEndpoint: machineAuth.tokenEndpoint }),
      )
    case 'sigv4':
      return createSignatureMachine({
        secrets: secretSource(noCredentials),
        signing: deps.secretsManager.config,
        send: toApp2,
        now: deps.now,
      })
  }
}
