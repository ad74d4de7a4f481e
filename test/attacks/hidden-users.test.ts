// Users of the pool that are not App1's callers' to see: whoever asks cannot tell them from names that nobody has.
import { AdminCreateUserCommand, ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { app1Rules } from '#shared/access-rules.ts'
import { machineToken } from '#infra/local/machine-token.ts'
import {
  bearer,
  call,
  machineUser,
  post,
  startInProcessPair,
  type Answer,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { goodPassword, provisioningId, serviceUserRequest } from '../support/requests.ts'
import { countAttack } from './support/repel.ts'

let running: InProcessPair
let hidden: Readonly<Record<string, string>>

beforeAll(async () => {
  running = await startInProcessPair()
  await post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'worker' }))
  hidden = await makeHidden()
})
afterAll(() => running.close())

/** The hidden users, by what they are. */
async function makeHidden(): Promise<Record<string, string>> {
  const { username: machine } = await machineUser(running.pair)
  const human = { 'custom:human_user_id': 'alice@example.com' }
  const ours = { ...human, 'custom:provisioning_id': provisioningId }
  return {
    'the machine user': machine,
    'the machine user in capitals': machine.toUpperCase(),
    'a machine user with our attributes': await make('latchkey-machine-forged', ours),
    'a user that an operator made': await make('operators-own'),
    'one without a provisioning id': await make('without-id', human),
    'one with an id that is none': await make('with-other-id', { ...human, 'custom:provisioning_id': 'v1.a.b' }),
    'one without the human behind it': await make('without-human', { 'custom:provisioning_id': provisioningId }),
  }
}

async function make(username: string, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  const { clients, provisioned } = running.pair
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
  const user = { UserPoolId: provisioned.userPoolId, Username: username, UserAttributes }
  await clients.cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
  return username
}

/** All that the pool says of its users. */
async function readUsers(): Promise<unknown> {
  const { clients, provisioned } = running.pair
  const { Users = [] } = await clients.cognito.send(new ListUsersCommand({ UserPoolId: provisioned.userPoolId }))
  return Users
}

type Said = { readonly status: number; readonly headers: readonly unknown[]; readonly text: string }
type Asking = (username: string) => Promise<Answer>

/** All that an answer says, but for the time and the ids of the request. */
function read({ status, headers, text, body }: Answer): Said {
  const ofRequest = ['date', 'apigw-requestid', 'x-amzn-requestid', 'x-amz-apigw-id']
  const { request_id: id = '' } = body as { readonly request_id?: string }
  return {
    status,
    headers: [...headers].filter(([name]) => !ofRequest.includes(name)),
    text: text.replaceAll(id, ''),
  }
}

async function expectAlike(ask: Asking, { task }: TestContext): Promise<void> {
  const before = await readUsers()
  const nobody = read(await ask('nobody-has-this-name'))
  expect(nobody).toMatchObject({ status: 404, text: expect.stringContaining('"code":"user_not_found"') as string })

  for (const [what, username] of Object.entries(hidden)) {
    const said = read(await ask(username))

    countAttack(task, [said.status !== 404 || said.text !== nobody.text])
    expect([what, said]).toEqual([what, nobody])
  }
  expect(await readUsers()).toEqual(before)
}

describe('App1 says of a hidden user what it says of nobody, byte for byte', () => {
  const ofUser = app1Rules.filter(({ path }) => path.includes('{username}'))

  it.for(ofUser.map(({ method, path }) => [method, path] as const))('%s %s', async ([method, path], context) => {
    const query = `${method} ${path}` === 'DELETE /service-users/{username}' ? '?force=true' : ''
    const init = path.endsWith('/reset-password') ? { body: { password: goodPassword } } : {}

    await expectAlike((username) => {
      const target = path.replace('{username}', username).replace('{group}', 'service-user')
      return call(method, `${running.pair.app1Url}${target}${query}`, init)
    }, context)
  })

  it('no list has one, whatever it begins with', async ({ task }) => {
    for (const prefix of ['', 'latchkey-machine-', 'latchkey', 'operators', 'w']) {
      const query = prefix === '' ? '' : `?prefix=${prefix}`
      const { body } = await call('GET', `${running.pair.app1Url}/service-users${query}`)
      const { users } = body as { readonly users: readonly { readonly username: string }[] }
      const found = users.map(({ username }) => username)

      countAttack(task, [found.some((username) => username !== 'worker')])
      expect(found).toEqual('worker'.startsWith(prefix) ? ['worker'] : [])
    }
  })
})

describe('who stole the machine’s token gets no more out of App2', () => {
  const bodies: Readonly<Record<string, object>> = {
    read: {},
    disable: {},
    enable: {},
    'add-to-group': { group: 'service-user' },
    'remove-from-group': { group: 'service-user' },
    delete: { force: true },
  }

  it.for(Object.entries(bodies))('%s', async ([operation, fields], context) => {
    const headers = bearer(await machineToken(running.pair, 'password'))

    await expectAlike((username) => {
      const body = { username, ...fields, requested_by: 'arn:aws:iam::123456789012:role/orders' }
      return post(`${running.pair.app2Url}/admin/users/${operation}`, body, headers)
    }, context)
  })
})
