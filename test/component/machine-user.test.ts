import { AdminDisableUserCommand, AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeMachineUser } from '../../infra/local/set-up/make-machine-user.ts'
import { machineUser, post, startInProcessPair, type Answer, type InProcessPair } from '../support/in-process-pair.ts'
import { serviceUserRequest } from '../support/requests.ts'

let running: InProcessPair

beforeEach(async () => {
  // Handlers are composed at import; each test wants an App1 that has seen nothing yet.
  vi.resetModules()
  running = await startInProcessPair()
})

afterEach(async () => {
  await running.close()
})

const create = (username = 'orders-worker'): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username }), { 'idempotency-key': 'k' })

/** App1's: the set-up has signed in once before, to try the new machine user. */
const signIns = (): number => running.aws.calls.filter(({ operation }) => operation === 'InitiateAuth').length - 1

const storedSecret = async (): Promise<Record<string, string>> => {
  const command = new GetSecretValueCommand({ SecretId: running.pair.provisioned.machineSecretArn })
  const { SecretString = '{}' } = await running.pair.clients.secrets.send(command)
  return JSON.parse(SecretString) as Record<string, string>
}

const store = async (secret: Record<string, string>): Promise<void> => {
  const SecretId = running.pair.provisioned.machineSecretArn
  await running.pair.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(secret) }))
}

describe('App1 and its machine user', () => {
  it('before there is one, the answer is not_ready and nobody signs in', async () => {
    const { idempotency_secret = '' } = await storedSecret()
    await store({ idempotency_secret })

    expect(await create()).toMatchObject({
      status: 503,
      body: { code: 'not_ready', outcome: 'none', idempotency_key: 'k' },
    })
    expect(signIns()).toBe(0)
  })

  it('one that has to change its password is a clear 503, tried once', async () => {
    const { username, password } = await machineUser(running.pair)
    const UserPoolId = running.pair.provisioned.userPoolId
    const temporary = { UserPoolId, Username: username, Password: password, Permanent: false }
    await running.pair.clients.cognito.send(new AdminSetUserPasswordCommand(temporary))

    expect(await create()).toMatchObject({ status: 503, body: { code: 'sign_in_unavailable', outcome: 'none' } })
    expect(await create()).toMatchObject({ status: 503, body: { code: 'sign_in_unavailable' } })
    expect(signIns()).toBe(1)
  })

  it('a wrong password in the secret is offered to Cognito once, however many ask', async () => {
    await store({ ...(await storedSecret()), password: 'Wrong-Password-123' })

    const answers = [await create(), ...(await Promise.all([create(), create()])), await create()]

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    expect(signIns()).toBe(1)
  })

  it('disabled by an operator, it signs in no more, but the token that lives goes on serving', async () => {
    await create()
    const { username } = await machineUser(running.pair)
    const UserPoolId = running.pair.provisioned.userPoolId
    await running.pair.clients.cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: username }))

    expect(await create('second')).toMatchObject({ status: 201 })
    expect(signIns()).toBe(1)
  })

  it('rotated before the first request, the new one is used', async () => {
    await makeMachineUser({ ...running.pair.clients, provisioned: running.pair.provisioned })

    expect(await create()).toMatchObject({ status: 201 })
  })
})
