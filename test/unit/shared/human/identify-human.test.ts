import { describe, expect, it } from 'vitest'
import type { HumanIdentity } from '#shared/human/human-issuers.ts'
import { humanFields, identifyByToken, identifyHuman } from '#shared/human/identify-human.ts'
import type { HumanVerification } from '#shared/human/human-verifier.ts'
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { farDeadline, pastDeadline } from '#test/support/deadlines.ts'
import { human } from '#test/support/human-tokens.ts'

const claims = { issuer: 'https://idp.example.com', sub: 'human-1', jti: 'token-1', humanUserId: human, expiresAt: 1 }
const proof = { kind: 'verified', issuer: claims.issuer, sub: 'human-1', jti: 'token-1' } as const
const good: HumanVerification = { ok: true, claims }
const token = new SecretValue('the-token')

type Given = { readonly token?: SecretValue; readonly claimed?: string }

async function identify(
  identity: HumanIdentity | undefined,
  given: Given,
  verification: HumanVerification | Error | 'never' = good,
  deadline = farDeadline(),
) {
  const asked: string[] = []
  const timer = createStepTimer(() => 0)
  const verify = (unverified: SecretValue, requestId?: string) => {
    asked.push(`${unverified.expose()} ${requestId ?? ''}`)
    if (verification === 'never') return new Promise<never>(() => undefined)
    return verification instanceof Error ? Promise.reject(verification) : Promise.resolve(verification)
  }
  const rules = identity && { identity, issuers: [], verifier: { verify, warmUp: () => Promise.resolve() } }
  const evidence = { token: given.token, claimed: given.claimed }
  const outcome = await identifyHuman(rules, evidence, { requestId: 'r', deadline, timer }).catch(
    (error: unknown) => error,
  )
  return { asked, outcome, timed: timer.fields() }
}

describe('the human behind a request', () => {
  it.each(['claimed', 'verified'] as const)('%s: is whom the token names', async (identity) => {
    const { asked, outcome, timed } = await identify(identity, { token })

    expect(outcome).toEqual({ humanUserId: human, proof })
    expect(asked).toEqual(['the-token r'])
    expect(timed).toEqual({ human_ms: 0 })
  })

  it.each(['claimed', 'verified'] as const)('%s: may be named by the request too, alike', async (identity) => {
    expect((await identify(identity, { token, claimed: human })).outcome).toEqual({ humanUserId: human, proof })
  })

  it.each(['claimed', 'verified'] as const)('%s: is nobody where both name another', async (identity) => {
    for (const claimed of ['mallory@example.com', 'Alice@example.com', '']) {
      expect((await identify(identity, { token, claimed })).outcome).toMatchObject({
        code: 'human_mismatch',
        status: 403,
      })
    }
  })

  it.each(['claimed', 'verified'] as const)('%s: is nobody where the token is refused', async (identity) => {
    const verification = { ok: false, reason: 'id_token' } as const

    for (const given of [{ token }, { token, claimed: human }]) {
      expect((await identify(identity, given, verification)).outcome).toMatchObject({
        ...{ code: 'human_token_invalid', status: 401, reason: 'id_token' },
      })
    }
  })

  it('is whom the request names where that is enough, and nobody is asked', async () => {
    for (const identity of ['claimed', undefined] as const) {
      const { asked, outcome, timed } = await identify(identity, { claimed: human })

      expect(outcome).toEqual({ humanUserId: human, proof: { kind: 'claimed' } })
      expect([asked, timed]).toEqual([[], {}])
    }
  })

  it('has to be verified where that is asked for', async () => {
    for (const given of [{}, { claimed: human }]) {
      expect((await identify('verified', given)).outcome).toMatchObject({ code: 'human_token_missing', status: 401 })
    }
  })

  it('has to be named', async () => {
    for (const identity of ['claimed', undefined] as const) {
      expect((await identify(identity, {})).outcome).toMatchObject({
        code: 'invalid_request',
        errors: [{ pointer: '/human_user_id', detail: 'must be a string' }],
      })
    }
  })

  it('is not passed over where no issuer is configured', async () => {
    for (const given of [{ token }, { token, claimed: human }]) {
      expect((await identify(undefined, given)).outcome).toMatchObject({
        code: 'invalid_request',
        errors: [{ header: 'x-human-token', detail: 'is not taken here: no issuer of such tokens is configured' }],
      })
    }
  })

  it('is not judged where the issuer’s keys cannot be had: nothing was done', async () => {
    const { outcome } = await identify('claimed', { token, claimed: human }, new KeySetError('jwks_timeout'))

    expect(outcome).toMatchObject({
      ...{ code: 'upstream_unavailable', status: 503, outcome: 'none', reason: 'human_jwks_timeout' },
    })
  })

  it('is not waited for past the request’s deadline', async () => {
    const { outcome } = await identify('claimed', { token }, 'never', pastDeadline())

    expect(outcome).toMatchObject({ code: 'upstream_timeout' })
  })

  it('is not judged after a failure of ours, which is told as it is', async () => {
    const failure = new TypeError('ours')

    expect((await identify('claimed', { token }, failure)).outcome).toBe(failure)
  })
})

describe('the human of a job', () => {
  async function identifyJob(identity: HumanIdentity | undefined, given?: SecretValue) {
    const verify = () => Promise.resolve(good)
    const rules = identity && { identity, issuers: [], verifier: { verify, warmUp: () => Promise.resolve() } }
    const context = { requestId: 'r', deadline: farDeadline(), timer: createStepTimer(() => 0) }
    return identifyByToken(rules, given, context).catch((error: unknown) => error)
  }

  it('is whom the token names', async () => {
    for (const identity of ['claimed', 'verified'] as const)
      expect(await identifyJob(identity, token)).toEqual({ humanUserId: human, proof })
  })

  it('is each row’s own without a token, where that is enough', async () => {
    for (const identity of ['claimed', undefined] as const) expect(await identifyJob(identity)).toBeUndefined()
  })

  it('is refused without a token where one is needed, and with one where none is taken', async () => {
    expect(await identifyJob('verified')).toMatchObject({ code: 'human_token_missing' })
    expect(await identifyJob(undefined, token)).toMatchObject({ code: 'invalid_request' })
  })
})

describe('the audit of a human', () => {
  it('says by what it is known, and by whose token', () => {
    expect(humanFields({ humanUserId: human, proof })).toEqual({
      human_user_id: human,
      human_proof: 'verified',
      human_issuer: claims.issuer,
      human_sub: 'human-1',
    })
    expect(humanFields({ humanUserId: human, proof: { kind: 'claimed' } })).toStrictEqual({
      human_user_id: human,
      human_proof: 'claimed',
    })
  })
})
