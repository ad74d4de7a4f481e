// Tokens that name no human, or another one than the request: at App1, and at App2 by whoever holds App1's credential.
import { beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { human, humanToken, idpClaims, peopleIdp } from '../support/human-tokens.ts'
import { forgedKey, poolKey } from '../support/pool-keys.ts'
import { refusedTokens, type RefusedToken } from '../support/refused-tokens.ts'
import { createUserRequestBody, serviceUserRequest } from '../support/requests.ts'
import { createSigner, testPool, type Changes } from '../support/tokens.ts'
import { openHumanBench, type HumanAnswer, type HumanBench } from './support/human-bench.ts'
import { countAttack } from './support/repel.ts'

const now = manualClock().now()
const seconds = now / 1_000
const idpKey = createSigner('idp-key-1')
const machineName = 'latchkey-machine-abcdefghijklmnopqrstuvwxyz'

/** The pool of the attacks' own table of tokens, as if its users were people, and another issuer. */
const issuers = [
  {
    ...{ issuer: testPool.issuer, userPoolId: testPool.userPoolId, claim: 'username' },
    ...{ audiences: [testPool.machineClientId], jwksUri: `${testPool.issuer}/.well-known/jwks.json` },
  },
  { ...peopleIdp, jwksUri: undefined },
]
const keys = { [testPool.issuer]: [poolKey], [peopleIdp.issuer]: [idpKey] }

let bench: HumanBench
beforeEach(() => {
  bench = openHumanBench({ issuers, keys })
})

const idpToken = (claims: Changes = {}, header: Changes = {}, by = idpKey): string =>
  humanToken({ ...idpClaims(now), ...claims }, { header, by })

/** At both apps, with and without the name in the body; nothing is made. */
async function expectRefused(
  token: string | undefined,
  expected: HumanAnswer,
  { task }: Pick<TestContext, 'task'>,
  name = human,
): Promise<void> {
  const answers = [
    await bench.create(token, serviceUserRequest({ human_user_id: undefined })),
    await bench.create(token, serviceUserRequest({ human_user_id: name })),
    await bench.createInApp2(token, createUserRequestBody({ human_user_id: name })),
  ]
  countAttack(
    task,
    answers.map(({ status }) => status < 400),
  )
  expect(answers).toEqual(answers.map(() => expected))
  expect(bench.made()).toBe(0)
}

const invalid = { status: 401, code: 'human_token_invalid' }
const missing = { status: 401, code: 'human_token_missing' }
const mismatch = { status: 403, code: 'human_mismatch' }

describe('the bench', () => {
  it('makes users for good tokens, so that a refusal below means something', async () => {
    expect(await bench.create(idpToken(), serviceUserRequest({ human_user_id: undefined }))).toMatchObject({
      status: 201,
    })
    const ofPool = createUserRequestBody({ username: 'other', human_user_id: machineName })
    expect(await bench.createInApp2(poolKey.accessToken({ now }), ofPool)).toMatchObject({ status: 201 })
    expect(bench.made()).toBe(2)
  })
})

describe('a request whose human has to be verified', () => {
  it('without a token is refused, whatever it says', (context) => expectRefused(undefined, missing, context))

  it.for(['mallory@example.com', 'Alice@example.com', `${human}.`, 'human-1', machineName])(
    'in the name of %j, with the token of another, is refused',
    async (name, { task }) => {
      const answers = [
        await bench.create(idpToken(), serviceUserRequest({ human_user_id: name })),
        await bench.createInApp2(idpToken(), createUserRequestBody({ human_user_id: name })),
      ]

      countAttack(
        task,
        answers.map(({ status }) => status < 400),
      )
      expect(answers).toEqual([mismatch, mismatch])
      expect(bench.made()).toBe(0)
    },
  )
})

/** Whom a token of the table is for is another's decision: the groups and scopes that it tries are nothing to a human's. */
const ofGroups = ['scope_in_user_token', 'malformed_groups', 'malformed_scope', 'groups_in_machine_token']
const tricks = Object.values(refusedTokens)
  .flat()
  .filter(([, , reason]) => !ofGroups.includes(reason))

describe('a token that the authorizer refuses too', () => {
  it.for<RefusedToken>(tricks)('%s', async ([, token], context) => {
    // What no header of ours holds is refused before anything looks at it.
    const isHeader = /^[\x20-\x2b\x2d-\x7e]+$/.test(token())
    await expectRefused(token(), isHeader ? invalid : { status: 400, code: 'invalid_request' }, context, machineName)
  })
})

describe('a token that was made for something else', () => {
  it.for<[string, () => string]>([
    ['the ID token of a pool’s front end', () => poolKey.idToken({ now })],
    ['an ID token, by its nonce', () => idpToken({ nonce: 'n' })],
    ['an ID token, by the hash of its access token', () => idpToken({ at_hash: 'h' })],
    ['an ID token, by the hash of its code', () => idpToken({ c_hash: 'h' })],
    ['for another audience', () => idpToken({ aud: 'portal' })],
    ['for audiences of which none is ours', () => idpToken({ aud: ['portal', 'latchkey2', 'Latchkey'] })],
    ['for no audience', () => idpToken({ aud: undefined })],
    ['with our audience as its client', () => idpToken({ aud: undefined, client_id: 'latchkey', azp: 'latchkey' })],
    ['of an app without a human', () => idpToken({ sub: 'portal' })],
    ['of an app, as Auth0 writes it', () => idpToken({ sub: 'x1@clients', azp: 'x1', gty: 'client-credentials' })],
    ['of a service account of Keycloak', () => idpToken({ preferred_username: 'service-account-portal' })],
    ['that tells of a sign-out', () => idpToken({}, { typ: 'logout+jwt' })],
    ['of a human whose address is not verified', () => idpToken({ email_verified: false })],
  ])('%s', async ([, token], context) => {
    await expectRefused(token(), invalid, context)
  })
})

describe('a token of another issuer with the same subject and name', () => {
  const evil = createSigner('idp-key-1')
  it.for<[string, () => string]>([
    ['that is not on the list', () => idpToken({ iss: 'https://idp.example.com.evil.example' }, {}, evil)],
    ['that is spelt with a slash', () => idpToken({ iss: `${peopleIdp.issuer}/` })],
    ['that is spelt in capitals', () => idpToken({ iss: 'https://IDP.example.com' })],
    ['that signs as ours, under the id of our key', () => idpToken({}, {}, evil)],
    ['that is on the list, and signs as another one on it', () => idpToken({}, { kid: poolKey.kid }, poolKey)],
    ['that has our keys, and is not ours', () => idpToken({ iss: testPool.issuer }, { kid: poolKey.kid })],
    ['that names its own keys', () => idpToken({}, { jku: 'https://evil.example/keys', jwk: evil.jwk }, evil)],
    ['that names two issuers', () => idpToken({ iss: [peopleIdp.issuer, 'https://evil.example'] })],
    ['that has a forged key', () => humanToken({ ...idpClaims(now), iss: testPool.issuer }, { by: forgedKey })],
  ])('%s', async ([, token], context) => {
    await expectRefused(token(), invalid, context)
  })
})

describe('a token by its time', () => {
  it.for<[string, Changes]>([
    ['expired in this second', { exp: seconds }],
    ['without an end', { exp: undefined }],
    ['with an end in milliseconds as text', { exp: String(now + 60_000) }],
    ['that begins in a second', { nbf: seconds + 1 }],
    ['issued in two minutes', { iat: seconds + 120 }],
  ])('%s is refused', async ([, claims], context) => {
    await expectRefused(idpToken(claims), invalid, context)
  })

  it('that expires between App1 and App2 makes nobody', async ({ task }) => {
    const token = idpToken({ exp: seconds + 10 })
    bench.app1Clock.advance(9_999)
    bench.app2Clock.advance(10_000)

    const answer = await bench.create(token, serviceUserRequest({ human_user_id: undefined }))

    countAttack(task, [answer.status < 400])
    expect(answer).toEqual(invalid)
    expect(bench.made()).toBe(0)
  })
})

describe('a token that does not fit', () => {
  it.for<[string, () => string, HumanAnswer]>([
    ['that is too long', () => idpToken({ padding: 'x'.repeat(4_096) }), invalid],
    ['twice', () => `${idpToken()},${idpToken()}`, { status: 400, code: 'invalid_request' }],
    ['with its scheme', () => `Bearer ${idpToken()}`, invalid],
    ['that is padded', () => `${idpToken()}=`, invalid],
    ['that is nothing', () => '', { status: 400, code: 'invalid_request' }],
  ])('%s', async ([, token, expected], context) => {
    await expectRefused(token(), expected, context)
  })
})
