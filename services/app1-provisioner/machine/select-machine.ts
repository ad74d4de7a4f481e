// Makes the machine of the mode that the configuration names; it never tries another mode on failure.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { STSClient } from '@aws-sdk/client-sts'
import type { Scope } from '#shared/access-rules.ts'
import { awsClientOptions, unrepeatedCallOptions } from '#shared/aws/aws-client-options.ts'
import type { SendOnce } from '#shared/aws/send-once.ts'
import type { Logger } from '#shared/logger.ts'
import { stsAudience } from '#shared/machine/sts-token.ts'
import { createQueue } from '#shared/time/queue.ts'
import { acrossAccounts, type App2Account } from '../app2-account.ts'
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
import { createMachineTokenSource, type MachineTokenSource } from './machine-token.ts'
import { createPasswordSignIn } from './password-sign-in.ts'
import { createSignInBreaker, knownVersions } from './sign-in-breaker.ts'
import type { SignIn } from './sign-in.ts'
import { createStsTokenSignIn } from './sts-token-sign-in.ts'

type MachineConfig = {
  readonly region: string
  readonly userPoolId: string
  readonly machineSecretArn: string
  readonly machineAuth: MachineAuthChoice
  /** Absent: the same. */
  readonly app2Account?: App2Account
}

type MachineDeps = {
  readonly secretsManager: SecretsManagerClient
  readonly send: SendOnce
  readonly now: () => number
  readonly logger: Logger
}

/** Call it once, when the service starts: what it makes keeps the token and knows what was rejected. */
export function createMachine(config: MachineConfig, deps: MachineDeps): Machine {
  const machine = machineOf(config, deps)
  return config.app2Account === 'other' ? acrossAccounts(machine, config.machineAuth.mode) : machine
}

function machineOf({ region, userPoolId, machineSecretArn, machineAuth }: MachineConfig, deps: MachineDeps): Machine {
  const toApp2 = createApp2Transport(deps)
  const secretSource = <Credentials>(stored: StoredCredentials<Credentials>): MachineSecretSource<Credentials> =>
    createMachineSecretSource({ ...deps, secretArn: machineSecretArn, stored })
  type Tokens<Credentials> = (scope: Scope) => MachineTokenSource<Credentials>
  const bearer = <Credentials>(
    stored: StoredCredentials<Credentials>,
    tokensOf: (sourceOf: (signIn: SignIn<Credentials>) => MachineTokenSource<Credentials>) => Tokens<Credentials>,
    options: { readonly bindsCreations?: boolean } = {},
  ): Machine => {
    const secrets = secretSource(stored)
    const [queue, versions] = [createQueue(), knownVersions()]
    const tokensFor = tokensOf((signIn) =>
      createMachineTokenSource({
        ...deps,
        secrets,
        signIn,
        queue,
        breaker: createSignInBreaker({ ...deps, versions }),
      }),
    )
    return createBearerMachine({ ...options, secrets, tokensFor, send: toApp2 })
  }
  // A sign-in is not repeated by the SDK: of a lost answer nobody knows whether it counted as a failure.
  const cognito = (): CognitoIdentityProviderClient =>
    new CognitoIdentityProviderClient({ ...unrepeatedCallOptions, region })

  switch (machineAuth.mode) {
    case 'password': {
      const signIn = createPasswordSignIn({ cognito: cognito(), logger: deps.logger })
      // The token of a user has its groups, whatever it is wanted for.
      return bearer(passwordCredentials, forAll(signIn))
    }
    case 'client-token': {
      const client = cognito()
      return bearer(clientCredentials, (sourceOf) =>
        oncePerScope((scope) => sourceOf(createClientTokenSignIn({ cognito: client, scope }))),
      )
    }
    case 'client-credentials': {
      const { tokenEndpoint } = machineAuth
      return bearer(clientCredentials, (sourceOf) =>
        oncePerScope((scope) => sourceOf(createClientCredentialsSignIn({ send: deps.send, tokenEndpoint, scope }))),
      )
    }
    case 'sts-token': {
      const sts = new STSClient({ ...awsClientOptions, region })
      const signIn = createStsTokenSignIn({ sts, audience: stsAudience(userPoolId) })
      return bearer(noCredentials, forAll(signIn), machineAuth)
    }
    case 'sigv4':
      return createSignatureMachine({
        secrets: secretSource(noCredentials),
        signing: deps.secretsManager.config,
        send: toApp2,
        now: deps.now,
      })
  }
}

/** One source, whatever a token is wanted for. */
function forAll<Credentials>(
  signIn: SignIn<Credentials>,
): (
  sourceOf: (signIn: SignIn<Credentials>) => MachineTokenSource<Credentials>,
) => () => MachineTokenSource<Credentials> {
  return (sourceOf) => {
    const source = sourceOf(signIn)
    return () => source
  }
}

function oncePerScope<T>(make: (scope: Scope) => T): (scope: Scope) => T {
  const made = new Map<Scope, T>()
  return (scope) => {
    const known = made.get(scope) ?? make(scope)
    made.set(scope, known)
    return known
  }
}
