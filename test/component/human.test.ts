// The token of a human over HTTP, at the real handlers of both apps: a pool of people and another issuer beside the pair's own pool.
import { AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HumanTokens } from '#infra/local/human-pool.ts'
import type { ServiceUser } from '#shared/user-contract.ts'
import { human } from '../support/human-tokens.ts'
import {
  call,
  machineHeaders,
  post,
  startInProcessPair,
  type Answer,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { startOidcIssuer, type OidcIssuer } from '../support/oidc-issuer.ts'
import { createUserRequestBody, serviceUserRequest } from '../support/requests.ts'
import { secretsFoundIn } from '../support/search-secrets.ts'

let idp: OidcIssuer
let running: InProcessPair
let alice: HumanTokens

const withHuman = (token: string): Record<string, string> => ({ 'x-human-token': token })
const create = (changes: object, token?: string): Promise<Answer> =>
  post(
    `${running.pair.app1Url}/create-service-user`,
    serviceUserRequest({ human_user_id: undefined, ...changes }),
    token === undefined ? {} : withHuman(token),
  )
const show = async (username: string): Promise<Partial<ServiceUser>> =>
  (await call('GET', `${running.pair.app1Url}/service-users/${username}`)).body as ServiceUser
const linesOf = (message: string, username: string): Record<string, unknown>[] =>
  running
    .output()
    .split('\n')
    .filter((line) => line.includes(`"message":"${message}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['human_user_id'] === username)

describe.each(['verified', 'claimed'] as const)('a pair in which humans are %s', (identity) => {
  beforeAll(async () => {
    idp = await startOidcIssuer()
    const issuers = [`${idp.issuer}#email=latchkey`]
    running = await startInProcessPair({ human: { identity, issuers }, jobs: true })
    alice = await ((await running.pair.people?.newHuman(human)) ?? expect.fail()).signIn()
  })
  afterAll(async () => {
    await running.close()
    await idp.close()
  })

  it('creates a user for the human whom a pool’s token names, and the user and both apps’ audit keep it', async () => {
    const token = alice.accessToken.expose()

    expect(await create({ username: 'of-pool' }, token)).toMatchObject({ status: 201, body: { created_by: human } })

    const issuer = running.pair.people?.entry.split('#')[0] ?? expect.fail()
    expect(await show('of-pool')).toMatchObject({
      ...{ human_user_id: human, human_proof: 'verified', human_issuer: issuer },
    })
    const list = (await call('GET', `${running.pair.app1Url}/service-users?prefix=of-pool`)).body
    expect(list).toMatchObject({ users: [{ human_proof: 'verified', human_issuer: issuer }] })
    const sub = (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub
    const audited = { human_user_id: human, human_proof: 'verified', human_issuer: issuer, human_sub: sub }
    expect(linesOf('service user provisioned', human)).toEqual([expect.objectContaining(audited)])
    expect(linesOf('service user created', human)).toEqual([expect.objectContaining(audited)])
    const { clients, provisioned } = running.pair
    const { UserAttributes } = await clients.cognito.send(
      new AdminGetUserCommand({ UserPoolId: provisioned.userPoolId, Username: 'of-pool' }),
    )
    expect(UserAttributes).toContainEqual({ Name: 'custom:human_proof', Value: `verified ${issuer}` })
  })

  it('creates one for the human whom another issuer’s token names', async () => {
    expect(await create({ username: 'of-idp' }, idp.token())).toMatchObject({ status: 201 })
    expect(await show('of-idp')).toMatchObject({ human_proof: 'verified', human_issuer: idp.issuer })
  })

  it('takes the name in the body beside the token where both are alike, and no other', async () => {
    const body = { username: 'of-both', human_user_id: human }
    expect(await create(body, idp.token())).toMatchObject({ status: 201 })

    const answer = await create({ username: 'of-mallory', human_user_id: 'mallory@example.com' }, idp.token())

    expect(answer).toMatchObject({ status: 403, body: { code: 'human_mismatch' } })
    expect(await show('of-mallory')).toMatchObject({ code: 'user_not_found' })
  })

  it.each<[string, () => string]>([
    ['an ID token of the pool', () => alice.idToken.expose()],
    ['a token for another audience', () => idp.token({ aud: 'other' })],
    ['an expired token', () => idp.token({ exp: Math.floor(Date.now() / 1_000) })],
    ['a token that is none', () => 'a.b.c'],
  ])('refuses %s, and says that it is the human’s', async (_, token) => {
    const answer = await create({ username: 'of-nobody', human_user_id: human }, token())

    expect(answer).toMatchObject({ status: 401, body: { code: 'human_token_invalid' } })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey"')
    expect(await show('of-nobody')).toMatchObject({ code: 'user_not_found' })
  })

  it(
    identity === 'verified' ? 'refuses a creation without a token' : 'takes the caller’s word without a token',
    async () => {
      const answer = await create({ username: 'of-word', human_user_id: 'bob@example.com' })

      if (identity === 'verified') {
        expect(answer).toMatchObject({ status: 401, body: { code: 'human_token_missing' } })
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey"')
      } else {
        expect(answer).toMatchObject({ status: 201, body: { created_by: 'bob@example.com' } })
        expect(await show('of-word')).toMatchObject({ human_proof: 'claimed' })
        expect(await show('of-word')).not.toHaveProperty('human_issuer')
        expect(linesOf('service user created', 'bob@example.com')).toMatchObject([{ human_proof: 'claimed' }])
      }
    },
  )

  it('forecasts a creation by the same token', async () => {
    const url = `${running.pair.app1Url}/create-service-user?dry_run=true`
    const body = serviceUserRequest({ username: 'of-dry', human_user_id: undefined })

    expect(await post(url, body, withHuman(idp.token()))).toMatchObject({ status: 200, body: { would: 'create' } })
    expect(await post(url, body, withHuman(idp.token({ aud: 'other' })))).toMatchObject({ status: 401 })
  })

  it('makes the users of a job for the human whose token asked for it, long after that token', async () => {
    const url = `${running.pair.app1Url}/jobs`
    const rows = ['a', 'b'].map((name) => serviceUserRequest({ username: `job-${name}`, human_user_id: undefined }))
    const others = [...rows, serviceUserRequest({ username: 'job-c', human_user_id: 'mallory@example.com' })]
    const token = idp.token()
    expect(await post(url, { rows: others }, withHuman(token))).toMatchObject({
      ...{ status: 403, body: { code: 'human_mismatch', errors: [{ pointer: '/rows/2/human_user_id' }] } },
    })

    const accepted = await post(url, { rows }, withHuman(token))

    expect(accepted.status).toBe(202)
    await vi.waitFor(async () => {
      const { job_id: id } = accepted.body as { readonly job_id: string }
      expect((await call('GET', `${url}/${id}`)).body).toMatchObject({ rows: { done: 2 } })
    }, 20_000)
    const kept = { human_user_id: human, human_proof: 'verified', human_issuer: idp.issuer }
    for (const name of ['job-a', 'job-b']) expect(await show(name)).toMatchObject(kept)
    const made = linesOf('service user created', human).filter((line) => line['human_verified_by'] === 'app1')
    expect(made).toHaveLength(2)
    expect(made).toMatchObject([1, 2].map(() => ({ ...kept, human_user_id: human, human_sub: 'human-1' })))
    expect(linesOf('service user provisioned', human)).toContainEqual(expect.objectContaining({ ...kept, row: 0 }))
  })

  it(identity === 'verified' ? 'takes no job without a token' : 'takes a job’s word without a token', async () => {
    const row = serviceUserRequest({ username: 'job-of-word', human_user_id: 'bob@example.com' })

    const answer = await post(`${running.pair.app1Url}/jobs`, { rows: [row] })

    expect(answer).toMatchObject(
      identity === 'verified' ? { status: 401, body: { code: 'human_token_missing' } } : { status: 202 },
    )
  })

  it('opens in App2 no evidence of another job, and none beside a token', async () => {
    const ask = async (changes: object, headers = {}): Promise<unknown> => {
      const body = { ...createUserRequestBody(), username: 'of-evidence', job_id: 'A'.repeat(22), ...changes }
      const credential = await machineHeaders(running.pair, { body })
      return (await post(`${running.pair.app2Url}/admin/create-user`, body, { ...credential, ...headers })).body
    }

    expect(await ask({ human_evidence: 'latchkey.v1.kms.AAAA' })).toMatchObject({ code: 'human_token_invalid' })
    expect(await ask({})).toMatchObject({ code: 'invalid_request' })
    expect(await ask({ human_evidence: 'x' }, withHuman(idp.token()))).toMatchObject({ code: 'invalid_request' })
  })

  it('verifies in App2 once more: App1’s credential and another name are not enough', async () => {
    const body = { ...createUserRequestBody(), username: 'of-app2' }
    const ask = async (headers: Record<string, string>): Promise<unknown> => {
      const credential = await machineHeaders(running.pair, { body })
      return (await post(`${running.pair.app2Url}/admin/create-user`, body, { ...credential, ...headers })).body
    }

    expect(await ask(withHuman(idp.token({ email: 'mallory@example.com' })))).toMatchObject({ code: 'human_mismatch' })
    expect(await ask(withHuman(idp.token({ aud: 'other' })))).toMatchObject({ code: 'human_token_invalid' })
    // The password is unreadable, so that its own code was reached.
    const bare = identity === 'verified' ? 'human_token_missing' : 'password_unreadable'
    expect(await ask({})).toMatchObject({ code: bare })
    expect(await ask(withHuman(idp.token()))).toMatchObject({ code: 'password_unreadable' })
  })

  it('opens nothing by the human’s token alone', async () => {
    const body = createUserRequestBody()

    const answer = await post(`${running.pair.app2Url}/admin/create-user`, body, withHuman(idp.token()))

    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
    const bearer = { authorization: `Bearer ${idp.token()}` }
    expect(await post(`${running.pair.app2Url}/admin/create-user`, body, bearer)).toMatchObject({ status: 401 })
  })

  it('keeps the header from routes that have no use for it', async () => {
    const headers = withHuman(idp.token())
    const { app1Url } = running.pair

    expect(await call('GET', `${app1Url}/service-users`, { headers })).toMatchObject({
      ...{ status: 400, body: { code: 'invalid_request', errors: [{ header: 'x-human-token' }] } },
    })
  })

  it('prints and passes to AWS no token of a human', () => {
    const tokens = [alice.accessToken.expose(), alice.idToken.expose(), idp.token()]
    const passed = running.proxy.calls
      .filter(({ operation }) => operation !== 'InitiateAuth')
      .map(({ head, sent }) => head + sent)

    expect(running.output()).toContain('human_proof')
    expect(secretsFoundIn(running.output() + passed.join('\n'), tokens)).toEqual([])
  })
})

describe('a pair without issuers of humans', () => {
  beforeAll(async () => {
    running = await startInProcessPair()
  })
  afterAll(() => running.close())

  it('refuses a token, and never passes it over', async () => {
    for (const changes of [{}, { human_user_id: human }]) {
      expect(await create({ username: 'of-none', ...changes }, 'a.b.c')).toMatchObject({
        ...{ status: 400, body: { code: 'invalid_request', errors: [{ header: 'x-human-token' }] } },
      })
    }
    expect(await create({ username: 'of-none' })).toMatchObject({
      ...{ status: 400, body: { errors: [{ pointer: '/human_user_id', detail: 'must be a string' }] } },
    })
  })
})
