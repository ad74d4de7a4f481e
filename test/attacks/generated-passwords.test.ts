// Generated passwords: who may not be their reader, who may not read them, and requests that ask for one they must not get.
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { DescribeSecretCommand, GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { createAwsClients } from '#infra/local/aws-clients.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { permissions } from '#shared/access-rules.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { httpEvent, lambdaContext } from '../support/events.ts'
import {
  call,
  machineHeaders,
  machineUser,
  post,
  startInProcessPair,
  type Answer,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { readDelivered, signInWith } from '../support/password-reader.ts'
import { createUserRequestBody, goodPassword, provisioningId, serviceUserRequest } from '../support/requests.ts'
import { createApp1, orders, session } from './support/app1.ts'
import { countAttack } from './support/repel.ts'

const account = '123456789012'
/** With a path, which a role's name alone does not show. */
const reader = `arn:aws:iam::${account}:role/readers/orders-worker`
const otherReader = `arn:aws:iam::${account}:role/billing-worker`
const notReader = `arn:aws:iam::${account}:role/curious`
/** The access key ids of sessions of these roles. */
const keys = new Map([
  ['AKIAREADER', reader],
  ['AKIAOTHERREADER', otherReader],
  ['AKIANOTREADER', notReader],
])

const start = (options: Parameters<typeof startInProcessPair>[0] = {}): Promise<InProcessPair> =>
  startInProcessPair({ passwordReaders: [reader, otherReader], localAws: { principals: keys }, ...options })

/** Roles that are not on the list, however near they come to one that is. */
const otherRoles: readonly (readonly [what: string, arn: string])[] = [
  ['a role that is not on the list', notReader],
  ['the role of another account', reader.replace(account, '210987654321')],
  ['the role of another partition', reader.replace('arn:aws:', 'arn:aws-cn:')],
  ['the role without its path', reader.replace('readers/', '')],
  ['the role on another path', reader.replace('readers/', 'writers/')],
  ['the role on a longer path', reader.replace('readers/', 'readers/readers/')],
  ['a role without a path, on one', otherReader.replace('role/', 'role/readers/')],
  ['the role in capitals', reader.replace('orders-worker', 'ORDERS-WORKER')],
  ['the path in capitals', reader.replace('readers/', 'Readers/')],
  ['a longer name', `${reader}-2`],
  ['a shorter name', reader.slice(0, -1)],
  ['two roles, which read as one on a path', `${reader},${otherReader}`],
]

/** What is the ARN of no role. */
const noRoles: readonly (readonly [what: string, deliverTo: unknown])[] = [
  ['everybody', '*'],
  ['every role', `arn:aws:iam::${account}:role/*`],
  ['every role on the path', `arn:aws:iam::${account}:role/readers/*`],
  ['a role with a question mark', `arn:aws:iam::${account}:role/readers/orders-worke?`],
  ['every account', 'arn:aws:iam::*:role/readers/orders-worker'],
  ['the session of the role', `arn:aws:sts::${account}:assumed-role/orders-worker/session`],
  ['a user', `arn:aws:iam::${account}:user/orders-worker`],
  ['a group', `arn:aws:iam::${account}:group/orders-worker`],
  ['an instance profile', `arn:aws:iam::${account}:instance-profile/orders-worker`],
  ['the root of the account', `arn:aws:iam::${account}:root`],
  ['the account', account],
  ['a service', 'lambda.amazonaws.com'],
  ['a name', 'orders-worker'],
  ['a scheme in capitals', reader.replace('arn:aws:', 'ARN:AWS:')],
  ['white space before', ` ${reader}`],
  ['white space after', `${reader} `],
  ['a line after', `${reader}\n`],
  ['a line before', `\n${reader}`],
  ['a tab inside', reader.replace('readers/', 'readers/\t')],
  ['a no-break space after', `${reader}\u00a0`],
  ['a zero-width space after', `${reader}\u200b`],
  ['a null after', `${reader}\u0000`],
  ['two ARNs on two lines', `${notReader}\n${reader}`],
  ['two ARNs with a space between', `${reader} ${otherReader}`],
  ['a quotation mark and a statement', `${reader}"},{"Effect":"Allow","Principal":"*`],
  ['a policy variable', `arn:aws:iam::${account}:role/\${aws:username}`],
  ['a look-alike letter', reader.replace('orders', 'оrders')],
  ['a list', [reader]],
  ['a list of two', [reader, notReader]],
  ['an object', { AWS: reader }],
  ['an object that prints as it', { toString: reader, length: 1 }],
  ['a number', Number(account)],
  ['true', true],
  ['null', null],
  ['nothing at all', undefined],
  ['an empty text', ''],
  ['a text without end', `arn:aws:iam::${account}:role/${'a'.repeat(2_000)}`],
]

/** What is no wish for a generated password, whoever is to read it. */
const noWishes: readonly (readonly [what: string, password: unknown])[] = [
  ['an empty object', {}],
  ['generate without a reader', { generate: {} }],
  ['generate: true', { generate: true }],
  ['the reader outside', { deliver_to: reader }],
  ['a list', [{ generate: { deliver_to: reader } }]],
  ['another wish beside', { generate: { deliver_to: reader }, length: 4 }],
  ['a length', { generate: { deliver_to: reader, length: 4 } }],
  ['a password of one’s own beside', { generate: { deliver_to: reader, password: goodPassword } }],
  ['a second reader', { generate: { deliver_to: reader, also: otherReader } }],
  ['generate by the prototype', JSON.parse(`{"__proto__":{"generate":{"deliver_to":"${reader}"}}}`)],
]

const generate = (deliverTo: unknown): object => ({ generate: { deliver_to: deliverTo } })

const secretsOf = ({ aws }: InProcessPair, accessKeyId: string): Clients['secrets'] =>
  createAwsClients({
    endpoint: aws.url,
    region: aws.region,
    environment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: accessKeyId },
  }).secrets

/** Which there are, and when each was written last. */
async function secretsIn(running: InProcessPair): Promise<string[]> {
  const Filters = [{ Key: 'name' as const, Values: [running.pair.provisioned.passwordSecretsPrefix] }]
  const { SecretList = [] } = await running.pair.clients.secrets.send(new ListSecretsCommand({ Filters }))
  return SecretList.map(({ ARN = '', LastChangedDate }) => `${ARN} ${String(LastChangedDate?.getTime())}`).sort()
}

const said = ({ status, body }: Answer) => ({ status, code: (body as { readonly code?: string }).code })

const refusedReader = { status: 403, code: 'reader_not_allowed' }
const invalid = { status: 400, code: 'invalid_request' }

describe('at App1 and App2', () => {
  let running: InProcessPair

  beforeAll(async () => {
    running = await start()
    await post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'given' }))
  })
  afterAll(() => running.close())

  /** Refused as `expected`, and no secret is made or written. */
  async function expectRefused(attempts: readonly (() => Promise<unknown>)[], expected: object, { task }: TestContext) {
    const before = await secretsIn(running)
    for (const attempt of attempts) {
      const answer = (await attempt()) as { readonly status: number }
      countAttack(task, [answer.status < 400])
      expect(answer).toEqual(expected)
    }
    expect(await secretsIn(running)).toEqual(before)
  }

  const atApp1 = (password: unknown) => {
    const { app1Url } = running.pair
    const creation = serviceUserRequest({ username: 'attacked', password })
    return [
      async () => said(await post(`${app1Url}/create-service-user`, creation)),
      async () => said(await post(`${app1Url}/service-users/given/reset-password`, { password })),
    ]
  }

  /** Past App1: with the machine's token, which opens both routes. */
  const atApp2 = (fields: object) => {
    const of = async (path: string, body: object): Promise<unknown> =>
      said(await post(`${running.pair.app2Url}${path}`, body, await machineHeaders(running.pair, { path, body })))
    const creation = { ...createUserRequestBody({ username: 'attacked' }), encrypted_password: undefined }
    const reset = { username: 'given', reset_id: provisioningId, requested_by: 'r' }
    return [
      () => of('/admin/create-user', { ...creation, ...fields }),
      () => of('/admin/users/reset-password', { ...reset, ...fields }),
    ]
  }

  it.for(otherRoles)('%s is not allowed', async ([, arn], context) => {
    await expectRefused([...atApp1(generate(arn)), ...atApp2({ deliver_to: arn })], refusedReader, context)
  })

  it.for(noRoles)('%s is no reader', async ([, deliverTo], context) => {
    await expectRefused([...atApp1(generate(deliverTo)), ...atApp2({ deliver_to: deliverTo })], invalid, context)
  })

  it.for(noWishes)('%s is no password', async ([, password], context) => {
    await expectRefused(atApp1(password), invalid, context)
  })

  it.for([
    ['both a sealed password and a reader', { encrypted_password: 'sealed', deliver_to: reader }],
    ['a sealed password and no reader', { encrypted_password: 'sealed', deliver_to: null }],
    ['an empty sealed password and a reader', { encrypted_password: '', deliver_to: reader }],
    ['neither', {}],
    ['a password in plain beside the reader', { deliver_to: reader, password: goodPassword }],
  ] as const)('App2 takes not %s', async ([, fields], context) => {
    await expectRefused(atApp2(fields), invalid, context)
  })

  it('a key that stood for a given password stands for no generated one, nor the other way round, nor for another reader', async (context) => {
    const create = async (key: string, password: unknown) =>
      said(
        await post(
          `${running.pair.app1Url}/create-service-user`,
          serviceUserRequest({ username: `reused-${key}`, password }),
          { 'idempotency-key': key },
        ),
      )
    expect(await create('given', goodPassword)).toMatchObject({ status: 201 })
    expect(await create('generated', generate(reader))).toMatchObject({ status: 201 })

    await expectRefused(
      [
        () => create('given', generate(reader)),
        () => create('generated', goodPassword),
        () => create('generated', generate(otherReader)),
      ],
      { status: 422, code: 'idempotency_key_reused' },
      context,
    )
  })

  it('a reset gives no secret to a user that is not to be seen, or not finished', async (context) => {
    const { clients, provisioned } = running.pair
    const make = async (Username: string, attributes: Readonly<Record<string, string>>): Promise<void> => {
      const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
      const user = { UserPoolId: provisioned.userPoolId, Username, UserAttributes }
      await clients.cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
    }
    const ours = { 'custom:human_user_id': 'alice@example.com', 'custom:provisioning_id': provisioningId }
    await make('by-hand', {})
    await make('latchkey-machine-forged', ours)
    await make('incomplete', ours)
    const { username: machine } = await machineUser(running.pair)
    const reset = (username: string) => async () =>
      said(
        await call('POST', `${running.pair.app1Url}/service-users/${username}/reset-password`, {
          body: { password: generate(reader) },
        }),
      )

    const hidden = [machine, 'latchkey-machine-forged', 'by-hand', 'nobody-has-this-name']
    await expectRefused(hidden.map(reset), { status: 404, code: 'user_not_found' }, context)
    await expectRefused([reset('incomplete')], { status: 409, code: 'user_incomplete' }, context)
  })
})

describe('who reads a generated password', () => {
  let running: InProcessPair
  const arns = new Map<string, string>()

  beforeAll(async () => {
    running = await start()
    for (const [username, deliverTo] of [
      ['of-reader', reader],
      ['of-other-reader', otherReader],
    ] as const) {
      const { body } = await post(
        `${running.pair.app1Url}/create-service-user`,
        serviceUserRequest({ username, password: generate(deliverTo) }),
      )
      arns.set(username, (body as { readonly secret_arn: string }).secret_arn)
    }
  })
  afterAll(() => running.close())

  it.each([
    ['of-reader', 'AKIAREADER'],
    ['of-other-reader', 'AKIAOTHERREADER'],
  ])('the secret %s: its reader, who signs in with it', async (username, accessKeyId) => {
    const delivered = await readDelivered(secretsOf(running, accessKeyId), arns.get(username) ?? '')

    expect(delivered?.username).toBe(username)
    expect(await signInWith(running.pair.clients.cognito, delivered as never)).toBeDefined()
  })

  it.for([
    ['of-reader', 'the other reader', 'AKIAOTHERREADER'],
    ['of-other-reader', 'the other reader', 'AKIAREADER'],
    ['of-reader', 'a role on no list', 'AKIANOTREADER'],
    // Whatever key they have: none is the session of a reader.
    ['of-reader', 'the functions themselves, and the root of the account', 'local'],
    [
      'of-reader',
      'the functions themselves, as this process has their key',
      process.env['AWS_ACCESS_KEY_ID'] ?? 'none',
    ],
    ['of-reader', 'nobody in particular', 'AKIASTRANGER'],
  ] as const)('the secret %s: not %s', async ([username, , accessKeyId], { task }) => {
    const secrets = secretsOf(running, accessKeyId)
    const SecretId = arns.get(username) ?? ''
    const name = SecretId.split(':secret:')[1]?.slice(0, -7) ?? ''
    const reads = [
      new GetSecretValueCommand({ SecretId }),
      new GetSecretValueCommand({ SecretId: name }),
      new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }),
      new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' }),
    ]
    for (const read of reads) {
      const outcome = await secrets.send(read).then(() => 'read', errorName)
      countAttack(task, [outcome === 'read'])
      expect(outcome).toBe('AccessDeniedException')
    }
  })

  it('a reader does not learn of the other one’s secret, not even that it is there', async ({ task }) => {
    const outcome = await secretsOf(running, 'AKIAREADER')
      .send(new DescribeSecretCommand({ SecretId: arns.get('of-other-reader') }))
      .then(() => 'described', errorName)

    countAttack(task, [outcome === 'described'])
    expect(outcome).toBe('AccessDeniedException')
  })
})

describe('where no password is generated', () => {
  let running: InProcessPair

  beforeAll(async () => {
    running = await startInProcessPair()
    await post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'given' }))
  })
  afterAll(() => running.close())

  it.for([
    ['a creation', '/create-service-user', serviceUserRequest({ username: 'attacked', password: generate(reader) })],
    ['a reset', '/service-users/given/reset-password', { password: generate(reader) }],
  ] as const)('no role is a reader: %s', async ([, path, body], { task }) => {
    const answer = said(await post(`${running.pair.app1Url}${path}`, body))

    countAttack(task, [answer.status < 400])
    expect(answer).toEqual(refusedReader)
    expect(await secretsIn(running)).toEqual([])
  })
})

describe('where App1 signs', () => {
  let running: InProcessPair

  beforeAll(async () => {
    running = await start({ machineAuth: 'sigv4' })
  })
  afterAll(() => running.close())

  it('App2’s refusal of a reader reaches the caller, though it is a 403 as for a bad signature', async ({ task }) => {
    const request = serviceUserRequest({ username: 'attacked', password: generate(notReader) })

    const answer = said(await post(`${running.pair.app1Url}/create-service-user`, request))

    countAttack(task, [answer.status < 400])
    expect(answer).toEqual(refusedReader)
  })
})

describe('a caller of App1 that may not', () => {
  it.for(
    permissions.flatMap((permission) => [
      ...(permission === 'create' ? [] : [['create', permission, 'POST /create-service-user'] as const]),
      ...(permission === 'write'
        ? []
        : [['reset', permission, 'POST /service-users/{username}/reset-password'] as const]),
    ]),
  )('%s, but %s, gets no generated password', async ([, permission, route], { task }) => {
    const { handler, asked } = createApp1(orders([permission]))
    const password = generate(reader)
    const body = JSON.stringify(
      route.endsWith('/create-service-user') ? serviceUserRequest({ password }) : { password },
    )
    const event = httpEvent({ routeKey: route, userArn: session, body })

    const { statusCode } = await handler(
      Object.assign(event, { pathParameters: { username: 'orders-worker' } }),
      lambdaContext(),
    )

    countAttack(task, [asked.length > 0])
    expect(statusCode).toBe(403)
  })
})
