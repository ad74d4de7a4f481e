import { AdminDisableUserCommand, GetUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenMode } from '#infra/local/machine-token.ts'
import { machineUser, post, startInProcessPair, type Answer, type InProcessPair } from '../support/in-process-pair.ts'
import { clientFields, passwordFields } from '../support/machine-secrets.ts'
import { createUserRequestBody, serviceUserRequest } from '../support/requests.ts'
import { countTokenRequests, tokenModes } from '../support/token-requests.ts'

let running: InProcessPair
/** Those of the set-up, which tries what it has made. */
let before: number
let mode: TokenMode

async function start(machineAuth: TokenMode): Promise<void> {
  mode = machineAuth
  running = await startInProcessPair({ machineAuth })
  before = countTokenRequests(running.aws.calls, mode)
}

const create = (username = 'orders-worker'): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username }), { 'idempotency-key': 'k' })

/** App1's own requests for a token. */
const signIns = (): number => countTokenRequests(running.aws.calls, mode) - before

const storedSecret = async (): Promise<Record<string, string>> => {
  const command = new GetSecretValueCommand({ SecretId: running.pair.provisioned.machineSecretArn })
  const { SecretString = '{}' } = await running.pair.clients.secrets.send(command)
  return JSON.parse(SecretString) as Record<string, string>
}

const store = async (secret: Record<string, string>): Promise<void> => {
  const SecretId = running.pair.provisioned.machineSecretArn
  await running.pair.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(secret) }))
}

/** What proves who the machine is, and a value that proves nothing. */
const proofFields = {
  password: { password: 'Wrong-Password-123' },
  'client-credentials': { scope_client_secret: 'wrong-client-secret-0123456789' },
  'client-token': { scope_client_secret: 'wrong-client-secret-0123456789' },
} as const satisfies Record<TokenMode, Record<string, string>>

describe.each(tokenModes)('App1 and its machine credentials, with %s', (machineAuth) => {
  beforeAll(() => start(machineAuth))
  afterAll(() => running.close())

  it('before there are any, or with those of another mode alone, the answer is not_ready and nobody signs in', async () => {
    const good = await storedSecret()
    const { idempotency_secret = '' } = good
    await store({ idempotency_secret, ...(machineAuth === 'password' ? clientFields : passwordFields) })

    expect(await create()).toMatchObject({
      status: 503,
      body: { code: 'not_ready', outcome: 'none', idempotency_key: 'k' },
    })
    expect(signIns()).toBe(0)
    await store(good)
  })

  it('a wrong one in the secret is offered to Cognito once, however many ask', async () => {
    await store({ ...(await storedSecret()), ...proofFields[machineAuth] })

    const answers = [await create(), ...(await Promise.all([create(), create()])), await create()]

    expect(answers.map(({ status, body }) => [status, (body as { code: string }).code])).toEqual(
      answers.map(() => [503, 'sign_in_unavailable']),
    )
    expect(signIns()).toBe(1)
  })
})

describe('App1 and its machine user', () => {
  beforeAll(() => start('password'))
  afterAll(() => running.close())

  it('the session whose token App2 sees is dead at Cognito', async () => {
    await create()

    // The set-up's trial of the new machine user, and App1's one sign-in.
    expect(running.aws.calls.filter(({ operation }) => operation === 'RevokeToken')).toHaveLength(2)
    const { machineClientId } = running.pair.provisioned
    const tokens = [...running.proxy.secrets].filter((secret) => secret.split('.').length === 3)
    const app1Token = tokens.findLast((token) => {
      const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
      const wanted = { token_use: 'access', client_id: machineClientId }
      return Object.entries(wanted).every(([name, value]) => Reflect.get(claims as object, name) === value)
    })
    const asked = running.pair.clients.cognito.send(new GetUserCommand({ AccessToken: app1Token }))
    await expect(asked).rejects.toMatchObject({ name: 'NotAuthorizedException' })
    const authorization = `Bearer ${app1Token ?? ''}`
    const body = createUserRequestBody()
    expect(await post(`${running.pair.app2Url}/admin/create-user`, body, { authorization })).toMatchObject({
      status: 400,
      body: { code: 'password_unreadable' },
    })
  })

  it('disabled by an operator, it signs in no more, but the token that lives goes on serving', async () => {
    const signedIn = signIns()
    const { username } = await machineUser(running.pair)
    const UserPoolId = running.pair.provisioned.userPoolId
    await running.pair.clients.cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: username }))

    expect(await create('second')).toMatchObject({ status: 201 })
    expect(signIns()).toBe(signedIn)
  })
})
