import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SignInResult } from '#services/app1-provisioner/machine/sign-in.ts'
import { createStsTokenSignIn } from '#services/app1-provisioner/machine/sts-token-sign-in.ts'
import type { Binding } from '#shared/machine/sts-token.ts'
import { mockClient } from '#test/support/mock-client.ts'

const sts = mockClient(STSClient)
const audience = 'latchkey:app2:eu-west-1_abc'

const signIn = (binding?: Binding): Promise<SignInResult> =>
  createStsTokenSignIn({ sts: new STSClient({ region: 'eu-west-1' }), audience })(
    null,
    AbortSignal.timeout(1_000),
    binding,
  )

const failure = (name: string): Error => Object.assign(new Error('canary'), { name })

beforeEach(() => {
  sts.reset()
  sts.on(GetWebIdentityTokenCommand).resolves({ WebIdentityToken: 'token-canary' })
})

describe('a token of App1’s role', () => {
  it('is asked for with RS256, for App2 alone and for five minutes', async () => {
    const result = await signIn()

    expect(sts).toHaveReceivedCommandExactlyOnceWith(GetWebIdentityTokenCommand, {
      Audience: [audience],
      SigningAlgorithm: 'RS256',
      DurationSeconds: 300,
    })
    expect(result).toMatchObject({ kind: 'signed_in', expiresInSeconds: 300 })
    expect(result.kind === 'signed_in' && result.accessToken.expose()).toBe('token-canary')
    expect(JSON.stringify(result)).not.toContain('canary')
  })

  it('is bound to a creation by its tags', async () => {
    await signIn({ bodySha256: 'digest', provisioningId: 'v1.a.b' })

    expect(sts).toHaveReceivedCommandExactlyOnceWith(GetWebIdentityTokenCommand, {
      Audience: [audience],
      SigningAlgorithm: 'RS256',
      DurationSeconds: 300,
      Tags: [
        { Key: 'latchkey_body_sha256', Value: 'digest' },
        { Key: 'latchkey_provisioning_id', Value: 'v1.a.b' },
      ],
    })
  })

  it('is asked for once more, for a minute, where it would outlive the role’s session', async () => {
    sts
      .on(GetWebIdentityTokenCommand)
      .rejectsOnce(failure('SessionDurationEscalationException'))
      .resolves({ WebIdentityToken: 'token-canary' })

    expect(await signIn()).toMatchObject({ kind: 'signed_in', expiresInSeconds: 60 })
    expect(sts.commandCalls(GetWebIdentityTokenCommand).map(({ args }) => args[0].input.DurationSeconds)).toEqual([
      300, 60,
    ])
  })

  it.each([
    'AccessDenied',
    'AccessDeniedException',
    'JWTPayloadSizeExceededException',
    'OutboundWebIdentityFederationDisabledException',
    'RegionDisabledException',
    'ValidationError',
  ])('that is refused as %s is for an operator to look at', async (name) => {
    sts.on(GetWebIdentityTokenCommand).rejects(failure(name))

    expect(await signIn()).toEqual({ kind: 'misconfigured', reason: name })
  })

  it.each([
    ['Throttling', 'throttled'],
    ['TimeoutError', 'upstream_timeout'],
    ['ExpiredTokenException', 'internal_error'],
    ['SessionDurationEscalationException', 'upstream_error'],
  ])('that cannot be had for %s is thrown as %s, without AWS’s words', async (name, code) => {
    sts.on(GetWebIdentityTokenCommand).rejects(failure(name))

    const error: unknown = await signIn().catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code, reason: name })
    expect(String(error)).not.toContain('canary')
  })

  it('that is missing from the answer is none', async () => {
    sts.on(GetWebIdentityTokenCommand).resolves({})

    await expect(signIn()).rejects.toMatchObject({ code: 'upstream_error', reason: 'sign_in_without_token' })
  })
})
