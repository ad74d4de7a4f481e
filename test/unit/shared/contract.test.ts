import { describe, expect, it } from 'vitest'
import {
  checkPassword,
  createServiceUserRequest,
  createUserRequest,
  parseRequest,
  provisioningIdPattern,
  sampleRequest,
} from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { createUserRequestBody, goodPassword, provisioningId, serviceUserRequest } from '../../support/requests.ts'

function problemsOf(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    if (error instanceof ServiceError) return { code: error.code, errors: error.errors }
    throw error
  }
  return 'accepted'
}

const refusal = (body: unknown): unknown => problemsOf(() => parseRequest(createServiceUserRequest, body))

const refused = (pointer: string, detail: unknown): unknown => ({
  code: 'invalid_request',
  errors: [{ pointer, detail }],
})

const passwordForm = 'must be a string, or {"generate": {"deliver_to": "<ARN of an IAM role>"}}'

const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e'

describe('a request for a service user', () => {
  it('has its username in lower case and is otherwise taken as it is', () => {
    const body = serviceUserRequest({ username: 'Orders.Worker_1' })

    expect(parseRequest(createServiceUserRequest, body)).toEqual({ ...body, username: 'orders.worker_1' })
  })

  it.each([null, undefined, [], 'text', 7, true])('is refused as %j', (body) => {
    expect(refusal(body)).toEqual(refused('', 'must be a JSON object'))
  })

  it('with nothing in it is refused field by field', () => {
    expect(refusal({})).toEqual({
      code: 'invalid_request',
      errors: [
        { pointer: '/username', detail: 'must be a string' },
        { pointer: '/password', detail: passwordForm },
      ],
    })
  })

  it.each([
    'arn:aws:iam::123456789012:role/orders-worker',
    'arn:aws-us-gov:iam::123456789012:role/teams/a-b/orders=worker',
  ])('may ask for a password that is generated for the role %s', (role) => {
    const body = serviceUserRequest({ password: { generate: { deliver_to: role } } })

    expect(parseRequest(createServiceUserRequest, body)).toEqual(body)
  })

  const isNoRole = 'must be the ARN of an IAM role, without wildcards'
  const role = 'arn:aws:iam::123456789012:role/x'

  const refusedPasswords: readonly (readonly [password: unknown, pointer: string, detail: string])[] = [
    [null, '', passwordForm],
    [12, '', passwordForm],
    [[], '', passwordForm],
    [{}, '', passwordForm],
    [{ generate: {} }, '', passwordForm],
    [{ generate: true }, '', passwordForm],
    [{ generate: { deliver_to: role, more: 1 } }, '/generate', 'holds 1 unknown field(s)'],
    [{ generate: { deliver_to: role }, more: 1 }, '', 'holds 1 unknown field(s)'],
    ...[
      ...['arn:aws:iam::123456789012:role/*', 'arn:aws:iam::123456789012:role/a?c', 'arn:aws:iam::123456789012:user/x'],
      ...['arn:aws:sts::123456789012:assumed-role/x/session', 'arn:aws:iam::123456789012:root', '*', '', ` ${role}`],
    ].map((deliver_to) => [{ generate: { deliver_to } }, '/generate/deliver_to', isNoRole] as const),
    [
      { generate: { deliver_to: `arn:aws:iam::123456789012:role/${'p/'.repeat(512)}x` } },
      '/generate/deliver_to',
      'must be at most 1024 characters',
    ],
  ]

  it.each(refusedPasswords)('whose password is %j is refused', (password, pointer, detail) => {
    expect(refusal(serviceUserRequest({ password }))).toEqual(refused(`/password${pointer}`, detail))
  })

  it('with unknown fields is refused without repeating their names', () => {
    expect(refusal(serviceUserRequest({ canary: 1, canary2: 2 }))).toEqual(refused('', 'holds 2 unknown field(s)'))
  })

  it.each([
    'a',
    '0',
    'a'.repeat(128),
    'A.b-c_d',
    uuid.slice(1),
    `${uuid}0`,
    'latchkey-machine',
    'a-latchkey-machine-x',
  ])('with the username %s is accepted', (username) => {
    expect(refusal(serviceUserRequest({ username }))).toBe('accepted')
  })

  it.each([
    '',
    'a'.repeat(129),
    '.a',
    '-a',
    '_a',
    'a b',
    ' a',
    'a\n',
    'a\u0000',
    'а-cyrillic',
    'ａ',
    'e\u0301',
    'a/b',
    'a@b',
    'a\u202Eb',
  ])('with the username %j is refused', (username) => {
    expect(refusal(serviceUserRequest({ username }))).toEqual(
      refused('/username', expect.stringMatching(/^must be 1 to 128/)),
    )
  })

  it.each([uuid, uuid.toUpperCase()])(
    'with the UUID %s as username is refused: Cognito might take it for a sub',
    (username) => {
      expect(refusal(serviceUserRequest({ username }))).toEqual(
        refused('/username', 'must not have the form of a UUID'),
      )
    },
  )

  it.each(['latchkey-machine-', 'latchkey-machine-x', 'LATCHKEY-Machine-x'])(
    'with the reserved username %s is refused',
    (username) => {
      expect(refusal(serviceUserRequest({ username }))).toEqual(
        refused('/username', 'must not begin with a reserved prefix'),
      )
    },
  )

  it.each(['!', '~', 'x'.repeat(256), 'alice@example.com'])(
    'with the human_user_id %s is accepted',
    (human_user_id) => {
      expect(refusal(serviceUserRequest({ human_user_id }))).toBe('accepted')
    },
  )

  it.each(['', ' ', 'a b', 'é', '\u007f', 'x'.repeat(257)])('with the human_user_id %j is refused', (human_user_id) => {
    expect(refusal(serviceUserRequest({ human_user_id }))).toEqual(
      refused('/human_user_id', 'must be 1 to 256 visible ASCII characters'),
    )
  })
})

describe('a request to App2', () => {
  it('is accepted as App1 writes it', () => {
    expect(parseRequest(createUserRequest, createUserRequestBody())).toEqual(createUserRequestBody())
  })

  it.each([
    ['encrypted_password', '', 'must not be empty'],
    ['encrypted_password', 'x'.repeat(12_289), 'must be at most 12288 characters'],
    ['requested_by', '', 'must be 1 to 1024 visible ASCII characters'],
    ['requested_by', 'x'.repeat(1025), 'must be 1 to 1024 visible ASCII characters'],
    ['provisioning_id', provisioningId.replace('v1', 'v2'), 'must be a provisioning id of version 1'],
    ['provisioning_id', `${provisioningId}A`, 'must be a provisioning id of version 1'],
  ])('is refused when %s is out of bounds', (field, value, detail) => {
    const body = createUserRequestBody({ [field]: value })

    expect(problemsOf(() => parseRequest(createUserRequest, body))).toEqual(refused(`/${field}`, detail))
  })

  it.each([[{ encrypted_password: undefined }], [{ deliver_to: 'arn:aws:iam::123456789012:role/x' }]])(
    'with %j beside it is refused: it has one of the two',
    (changes) => {
      expect(problemsOf(() => parseRequest(createUserRequest, createUserRequestBody(changes)))).toEqual(
        refused('', 'must have one of encrypted_password and deliver_to'),
      )
    },
  )

  it('is accepted with the longest sealed password', () => {
    const body = createUserRequestBody({ encrypted_password: 'x'.repeat(12_288) })

    expect(problemsOf(() => parseRequest(createUserRequest, body))).toBe('accepted')
  })
})

describe('a provisioning id', () => {
  it('is exactly two times 128 bits in canonical base64url', () => {
    expect(provisioningIdPattern.test(provisioningId)).toBe(true)
    expect(provisioningIdPattern.test(`v1.${'A'.repeat(21)}B.${'A'.repeat(22)}`)).toBe(false)
  })
})

describe('a sample request', () => {
  it.each([null, 0, '', [], { deep: [1] }])('takes the payload %j', (payload) => {
    const body = { data: { request_id: 'r-1', payload } }

    expect(parseRequest(sampleRequest, body)).toEqual(body)
  })

  it.each([
    [{}, '/data', 'must be a JSON object'],
    [{ data: { request_id: 'r' } }, '/data/payload', 'is missing or of the wrong type'],
    [{ data: { request_id: 'a b', payload: 1 } }, '/data/request_id', 'must be 1 to 128 visible ASCII characters'],
    [{ data: { request_id: 'r', payload: 1, canary: 1 } }, '/data', 'holds 1 unknown field(s)'],
  ])('%j is refused', (body, pointer, detail) => {
    expect(problemsOf(() => parseRequest(sampleRequest, body))).toEqual(refused(pointer, detail))
  })
})

describe('a password', () => {
  const weak = (password: string): unknown =>
    problemsOf(() => {
      checkPassword(password)
    })
  const breaks = (...details: unknown[]): unknown => ({
    code: 'weak_password',
    errors: details.map((detail) => ({ pointer: '/password', detail })),
  })

  it.each([goodPassword, 'aB3$56789012', `aB3$${'x'.repeat(252)}`, 'aB3$ünïcödé🔑key', 'aB3\'"\\/|~`^4567'])(
    '%s is accepted',
    (password) => {
      expect(weak(password)).toBe('accepted')
    },
  )

  it.each([
    ['aB3$5678901', /at least 12/],
    ['aB3$567890🔑', /at least 12/],
    [`aB3$${'x'.repeat(253)}`, /at most 256/],
    ['ab3$56789012', /upper-case/],
    ['ÄB3$56789012'.toLowerCase(), /upper-case/],
    ['AB3$56789012', /lower-case/],
    ['aBc$efghijkl', /digit/],
    ['aB3456789012', /symbol/],
    ['aB3€56789012', /symbol/],
    ['aB3$ 6789012', /white space/],
    ['aB3$\u00a06789012', /white space/],
    ['aB3$\u00006789012', /control/],
    ['aB3$\ud8006789012', /well-formed/],
    ['aB3$\ufffd6789012', /U\+FFFD/],
  ])('%j is refused by exactly one rule', (password, rule) => {
    expect(weak(password)).toEqual(breaks(expect.stringMatching(rule)))
  })

  it('that breaks several rules is told all of them', () => {
    expect(weak('short')).toEqual(
      breaks(
        expect.stringMatching(/at least/),
        expect.stringMatching(/upper/),
        expect.stringMatching(/digit/),
        expect.stringMatching(/symbol/),
      ),
    )
  })
})
