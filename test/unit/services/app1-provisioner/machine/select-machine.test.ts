import {
  CognitoIdentityProviderClient,
  GetClientTokenCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from '#test/support/mock-client.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { App2Account } from '#services/app1-provisioner/app2-account.ts'
import type { MachineAuthChoice } from '#services/app1-provisioner/config.ts'
import type { Machine } from '#services/app1-provisioner/machine/machine.ts'
import { createMachine } from '#services/app1-provisioner/machine/select-machine.ts'
import type { Scope } from '#shared/access-rules.ts'
import { mapAwsError } from '#shared/aws/aws-errors.ts'
import type { Answer, OutgoingRequest } from '#shared/aws/send-once.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { answerOf } from '#test/support/answers.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { clientFields, passwordFields, storedMachineSecret, unsignedToken } from '#test/support/machine-secrets.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const secretsManager = mockClient(SecretsManagerClient)
const scopedToken = unsignedToken({ scope: 'app2/users.create', canary: 'scoped' })
const app2 = new URL('https://app2.example/x')
const tokenEndpoint = new URL('https://latchkey.auth.eu-west-1.amazoncognito.com/oauth2/token')
const roleCredentials = {
  accessKeyId: 'AKIDCANARY',
  secretAccessKey: 'role-secret-canary',
  sessionToken: 'session-canary',
}

const secretTexts = [
  ...Object.values(passwordFields).filter((value) => value !== passwordFields.client_id),
  clientFields.scope_client_secret,
  'idempotency-secret-canary-32-chars',
  'access-token-canary',
  'refresh-token-canary',
  scopedToken,
  roleCredentials.secretAccessKey,
  roleCredentials.sessionToken,
]

/** How often each route to a token was asked. */
let asked: Record<'InitiateAuth' | 'GetClientToken' | 'tokenEndpoint', number>
let tokenEndpointAnswer: () => Promise<Answer>

function setUp(machineAuth: MachineAuthChoice, app2Account: App2Account = 'same') {
  const logger = recordingLogger()
  const sent: (string | undefined)[] = []
  const send = ({ url, headers }: OutgoingRequest): Promise<Answer> => {
    if (url !== app2) {
      asked.tokenEndpoint += 1
      return tokenEndpointAnswer()
    }
    sent.push(headers?.['authorization'])
    return Promise.resolve(answerOf({}))
  }
  const machine: Machine = createMachine(
    {
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_TestPool1',
      machineSecretArn: 'arn:canary',
      machineAuth,
      app2Account,
    },
    {
      secretsManager: new SecretsManagerClient({ region: 'eu-west-1', credentials: roleCredentials }),
      send,
      now: Date.now,
      logger,
    },
  )
  const ask = async (scope: Scope = 'app2/users.create'): Promise<string | undefined> => {
    const request = { url: app2, headers: {}, scope, makeBody: () => Promise.resolve(Buffer.of()) }
    const current = await machine.current(farDeadline())
    await current.send(request, { deadline: farDeadline(), timer: createStepTimer(() => 0) })
    return sent.at(-1)
  }
  return { machine, logger, ask }
}

beforeEach(() => {
  asked = { InitiateAuth: 0, GetClientToken: 0, tokenEndpoint: 0 }
  cognito.reset()
  cognito.on(InitiateAuthCommand).callsFake(() => {
    asked.InitiateAuth += 1
    return {
      AuthenticationResult: {
        AccessToken: 'access-token-canary',
        RefreshToken: 'refresh-token-canary',
        ExpiresIn: 300,
      },
    }
  })
  cognito.on(GetClientTokenCommand).callsFake(() => {
    asked.GetClientToken += 1
    return { ClientAuthenticationResult: { AccessToken: scopedToken, ExpiresIn: 300 } }
  })
  tokenEndpointAnswer = () =>
    Promise.resolve(answerOf({ access_token: scopedToken, token_type: 'Bearer', expires_in: 300 }))
  secretsManager.reset()
  secretsManager.on(GetSecretValueCommand).resolves({
    VersionId: 'version-1',
    SecretString: storedMachineSecret({ ...passwordFields, ...clientFields }),
  })
})

const modes: readonly [MachineAuthChoice, keyof typeof asked, string][] = [
  [{ mode: 'password' }, 'InitiateAuth', 'Bearer access-token-canary'],
  [{ mode: 'client-token' }, 'GetClientToken', `Bearer ${scopedToken}`],
  [{ mode: 'client-credentials', tokenEndpoint }, 'tokenEndpoint', `Bearer ${scopedToken}`],
]

describe.each(modes)('with %j App1', (machineAuth, route, bearer) => {
  it('authenticates by a token that it asks for once, at one route', async () => {
    const { ask } = setUp(machineAuth)

    expect(await ask()).toBe(bearer)
    expect(await ask()).toBe(bearer)
    expect(asked).toEqual({ InitiateAuth: 0, GetClientToken: 0, tokenEndpoint: 0, [route]: 1 })
  })

  it('is not ready while the secret has nothing for it', async () => {
    secretsManager.on(GetSecretValueCommand).resolves({ VersionId: 'v', SecretString: storedMachineSecret({}) })

    await expect(setUp(machineAuth).ask()).rejects.toMatchObject({ code: 'not_ready' })
  })

  it('is not ready while another account has not let it read the secret, and broken where that is its own', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(Object.assign(new Error(), { name: 'AccessDeniedException' }))

    await expect(setUp(machineAuth, 'other').ask()).rejects.toMatchObject({ code: 'not_ready' })
    await expect(setUp(machineAuth).ask()).rejects.toMatchObject({ code: 'internal_error' })
  })

  it('gives no secret away, neither when it works nor when it is refused', async () => {
    const working = setUp(machineAuth)
    await working.ask()
    const refusal = Object.assign(new Error(secretTexts.join(' ')), { name: 'NotAuthorizedException' })
    cognito.on(InitiateAuthCommand).rejects(refusal)
    cognito.on(GetClientTokenCommand).rejects(refusal)
    tokenEndpointAnswer = () =>
      Promise.resolve(answerOf({ error: 'invalid_client', error_description: secretTexts.join(' ') }, { status: 400 }))
    const refused = setUp(machineAuth)
    const error: unknown = await refused.ask().catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'sign_in_unavailable', reason: 'rejected', outcome: 'none' })
    expect(refused.logger.lines.map(({ message }) => message)).toContain('machine credential rejected')
    const machines = [working.machine, await working.machine.current(farDeadline()), refused.machine]
    const seen = JSON.stringify([machines, error, mapAwsError(error).message, String(error)])
    expect(secretsFoundIn(seen + JSON.stringify([working.logger.lines, refused.logger.lines]), secretTexts)).toEqual([])
  })
})

describe('tokens of scopes', () => {
  const refuse = (name: string) => Object.assign(new Error('canary'), { name })
  /** Each token has the scope that it was asked for. */
  const grant = (): void => {
    cognito.on(GetClientTokenCommand).callsFake(({ Scopes: [scope] }: { Scopes: string[] }) => ({
      ClientAuthenticationResult: { AccessToken: unsignedToken({ scope }), ExpiresIn: 300 },
    }))
  }
  const scopesAsked = (): unknown[] =>
    cognito.commandCalls(GetClientTokenCommand).map(({ args: [{ input }] }) => input.Scopes)

  it('are asked for one at a time, and kept one for each', async () => {
    grant()
    const { ask } = setUp({ mode: 'client-token' })

    const read = await ask('app2/users.read')
    const create = await ask('app2/users.create')

    expect([read, create]).toEqual(
      ['app2/users.read', 'app2/users.create'].map((scope) => `Bearer ${unsignedToken({ scope })}`),
    )
    expect(await ask('app2/users.read')).toBe(read)
    expect(scopesAsked()).toEqual([['app2/users.read'], ['app2/users.create']])
  })

  it('stop no other where one cannot be had', async () => {
    grant()
    cognito.on(GetClientTokenCommand, { Scopes: ['app2/users.delete'] }).rejects(refuse('ScopeDoesNotExistException'))
    const { ask } = setUp({ mode: 'client-token' })

    await expect(ask('app2/users.delete')).rejects.toMatchObject({ code: 'sign_in_unavailable' })
    expect(await ask('app2/users.create')).toBe(`Bearer ${unsignedToken({ scope: 'app2/users.create' })}`)
  })

  it('stop no other where one is refused like a wrong credential, after another was had', async () => {
    grant()
    cognito.on(GetClientTokenCommand, { Scopes: ['app2/users.read'] }).rejects(refuse('NotAuthorizedException'))
    const { ask } = setUp({ mode: 'client-token' })

    await ask('app2/users.create')
    await expect(ask('app2/users.read')).rejects.toMatchObject({ code: 'sign_in_unavailable' })
    await expect(ask('app2/users.read')).rejects.toMatchObject({ code: 'sign_in_unavailable' })
    expect(await ask('app2/users.write')).toBe(`Bearer ${unsignedToken({ scope: 'app2/users.write' })}`)
    expect(scopesAsked()).toEqual([['app2/users.create'], ['app2/users.read'], ['app2/users.write']])
  })

  it('offer rejected credentials once, for whichever, and also at once', async () => {
    cognito.on(GetClientTokenCommand).rejects(refuse('NotAuthorizedException'))
    const { ask } = setUp({ mode: 'client-token' })

    const scopes = ['app2/users.read', 'app2/users.write', 'app2/users.create'] as const
    const answers = await Promise.allSettled([...scopes.map((scope) => ask(scope)), ask('app2/users.delete')])

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    expect(scopesAsked()).toHaveLength(1)
  })
})

describe('with sigv4 App1', () => {
  it('authenticates as its role, and asks nobody for a token', async () => {
    secretsManager.on(GetSecretValueCommand).resolves({ VersionId: 'v', SecretString: storedMachineSecret({}) })
    const { ask, machine, logger } = setUp({ mode: 'sigv4' })

    expect(await ask()).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDCANARY\/\d{8}\/eu-west-1\/execute-api\/aws4_request, /,
    )
    expect(asked).toEqual({ InitiateAuth: 0, GetClientToken: 0, tokenEndpoint: 0 })
    expect(
      secretsFoundIn(JSON.stringify([machine, await machine.current(farDeadline()), logger.lines]), secretTexts),
    ).toEqual([])
  })
})
