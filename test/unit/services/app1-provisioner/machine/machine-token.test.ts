import { describe, expect, it, vi } from 'vitest'
import type { MachineSecret } from '#services/app1-provisioner/machine/machine-secret.ts'
import { createMachineTokenSource } from '#services/app1-provisioner/machine/machine-token.ts'
import { createSignInBreaker, knownVersions } from '#services/app1-provisioner/machine/sign-in-breaker.ts'
import type { SignIn, SignInResult } from '#services/app1-provisioner/machine/sign-in.ts'
import { createQueue } from '#shared/time/queue.ts'
import { ServiceError } from '#shared/errors.ts'
import type { Binding } from '#shared/machine/sts-token.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline, pastDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeSecretSource, machineSecret } from '#test/support/machine-secrets.ts'

const lifeSeconds = 300
const renewal = lifeSeconds * 750
const expiry = lifeSeconds * 1000 - 5_000

const rejected: SignInResult = { kind: 'rejected' }
const locked: SignInResult = { kind: 'locked' }
const throttled = new ServiceError('throttled')

/** Credentials that are named like the version that holds them. */
const secretOf = (version: string): MachineSecret<string> => machineSecret(version, version)

/** Signs in as `answers` say, one after another; then with a new token each time. */
function setUp(answers: (SignInResult | ServiceError | 'ok' | 'never')[] = []) {
  const clock = manualClock()
  const logger = recordingLogger()
  const secrets = fakeSecretSource(secretOf('version-1'))
  const signedInAs: string[] = []
  const bindings: Binding[] = []
  const signIn: SignIn<string> = (credentials, _, binding) => {
    signedInAs.push(credentials)
    if (binding !== undefined) bindings.push(binding)
    const answer = answers.shift() ?? 'ok'
    if (answer === 'never') return new Promise(() => undefined)
    if (answer instanceof ServiceError) return Promise.reject(answer)
    if (answer !== 'ok') return Promise.resolve(answer)
    const accessToken = new SecretValue(`token-${signedInAs.length}`)
    return Promise.resolve({ kind: 'signed_in', accessToken, expiresInSeconds: lifeSeconds })
  }
  const source = createMachineTokenSource({
    secrets,
    signIn,
    breaker: createSignInBreaker({ versions: knownVersions(), now: clock.now, logger }),
    queue: createQueue(),
    now: clock.now,
    logger,
  })
  const tokens = {
    issueFor: async (binding: Binding) => source.issueFor(binding, await secrets.current(farDeadline()), farDeadline()),
    get: async (deadline = farDeadline()) => source.get(await secrets.current(deadline), deadline),
    replace: async (refused: SecretValue) =>
      source.replace(refused, await secrets.current(farDeadline()), farDeadline()),
  }
  const get = async (): Promise<string> => (await tokens.get()).expose()
  return { clock, logger, secrets, signedInAs, bindings, source, tokens, get }
}

/** The reasons of the lines that an alarm counts. */
const stops = ({ lines }: ReturnType<typeof recordingLogger>): unknown[] =>
  lines.filter(({ message }) => message.startsWith('machine sign-in stopped')).map(({ reason }) => reason)

const newVersion = secretOf('version-2')

describe('the machine token', () => {
  it('is fetched once and kept until three quarters of its life are over', async () => {
    const { clock, signedInAs, get } = setUp()

    expect(await get()).toBe('token-1')
    clock.advance(renewal - 1)
    expect(await get()).toBe('token-1')
    clock.advance(1)
    expect(await get()).toBe('token-2')
    expect(signedInAs).toHaveLength(2)
  })

  it('is fetched once for all who wait', async () => {
    const { signedInAs, get } = setUp()

    expect(await Promise.all([get(), get(), get()])).toEqual(['token-1', 'token-1', 'token-1'])
    expect(signedInAs).toHaveLength(1)
  })

  it('is renewed as soon as the secret has another version', async () => {
    const { secrets, signedInAs, get } = setUp()
    await get()

    secrets.stored = newVersion
    await secrets.reread(farDeadline())

    expect(await get()).toBe('token-2')
    expect(signedInAs).toEqual(['version-1', 'version-2'])
  })

  it('that cannot be renewed serves until five seconds before it expires', async () => {
    const { clock, get } = setUp(['ok', throttled, throttled])
    await get()

    clock.advance(expiry - 1)
    expect(await get()).toBe('token-1')
    clock.advance(1)
    await expect(get()).rejects.toBe(throttled)
  })

  it('serves after two seconds when a new one is long in coming', async () => {
    const { clock, get } = setUp(['ok', 'never'])
    await get()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())

    clock.advance(renewal)

    expect(await get()).toBe('token-1')
    expect(timeout).toHaveBeenCalledWith(2_000)
    timeout.mockRestore()
  })

  it('does not keep a caller past its deadline', async () => {
    const { tokens } = setUp()

    await expect(tokens.get(pastDeadline())).resolves.toBeDefined()

    const stuck = setUp(['never'])
    await expect(stuck.tokens.get(pastDeadline())).rejects.toMatchObject({ code: 'upstream_timeout' })
  })
})

describe('a rejected machine password', () => {
  it('is not tried again: the secret is read past the cache, and the same version opens the breaker', async () => {
    const { secrets, signedInAs, logger, get } = setUp([rejected])

    await expect(get()).rejects.toMatchObject({ code: 'sign_in_unavailable', reason: 'rejected' })

    expect(secrets.rereads).toBe(1)
    expect(signedInAs).toEqual(['version-1'])
    expect(stops(logger)).toEqual(['rejected'])
  })

  it('leads to one try with the new version when the secret was rotated meanwhile', async () => {
    const { secrets, signedInAs, get } = setUp([rejected])
    secrets.stored = newVersion

    expect(await get()).toBe('token-2')
    expect(signedInAs).toEqual(['version-1', 'version-2'])
  })

  it('of the new version as well opens the breaker after exactly two sign-ins', async () => {
    const { secrets, signedInAs, get } = setUp([rejected, rejected])
    secrets.stored = newVersion

    await expect(get()).rejects.toMatchObject({ code: 'sign_in_unavailable' })
    expect(signedInAs).toEqual(['version-1', 'version-2'])
  })

  it('stays untried behind the breaker, and after it, until the secret has another version', async () => {
    const { clock, secrets, signedInAs, get } = setUp([rejected])
    await expect(get()).rejects.toMatchObject({ reason: 'rejected' })

    clock.advance(59_999)
    await expect(get()).rejects.toMatchObject({ reason: 'rejected' })
    expect(secrets.rereads).toBe(1)
    clock.advance(1)
    await expect(get()).rejects.toMatchObject({ reason: 'rejected' })
    expect(secrets.rereads).toBe(2)
    expect(signedInAs).toEqual(['version-1'])

    secrets.stored = newVersion
    clock.advance(60_000)
    expect(await get()).toBe('token-2')
    expect(signedInAs).toEqual(['version-1', 'version-2'])
  })

  it('does not stop the version that a rotation brings, not even within the minute', async () => {
    const { secrets, get } = setUp([rejected])
    await expect(get()).rejects.toMatchObject({ code: 'sign_in_unavailable' })

    secrets.stored = newVersion
    await secrets.reread(farDeadline())

    expect(await get()).toBe('token-2')
  })

  it('stops no request while a token lives', async () => {
    const { clock, signedInAs, get } = setUp(['ok', rejected])
    await get()

    clock.advance(renewal)
    expect(await get()).toBe('token-1')
    clock.advance(1_000)
    expect(await get()).toBe('token-1')
    expect(signedInAs).toHaveLength(2)
  })
})

describe('a machine user that somebody locked out', () => {
  it('is not tried while a lock can last, and its password is not condemned', async () => {
    const { clock, logger, signedInAs, get } = setUp([locked])

    await expect(get()).rejects.toMatchObject({ code: 'sign_in_unavailable', reason: 'locked' })
    clock.advance(15 * 60_000 - 1)
    await expect(get()).rejects.toMatchObject({ reason: 'locked' })
    expect(signedInAs).toHaveLength(1)
    expect(stops(logger)).toEqual(['locked'])

    clock.advance(1)
    expect(await get()).toBe('token-2')
  })

  it('is healed by a rotation at once', async () => {
    const { secrets, get } = setUp([locked])
    await expect(get()).rejects.toMatchObject({ reason: 'locked' })

    secrets.stored = newVersion
    await secrets.reread(farDeadline())

    expect(await get()).toBe('token-2')
  })

  it('is waited out by a request that read the secret before, whatever the next version has met since', async () => {
    const { secrets, source, signedInAs } = setUp([locked, throttled])
    const ask = (version: MachineSecret<string>) => source.get(version, farDeadline())
    await expect(ask(secretOf('version-1'))).rejects.toMatchObject({ reason: 'locked' })
    secrets.stored = newVersion
    await expect(ask(newVersion)).rejects.toBe(throttled)

    await expect(ask(secretOf('version-1'))).rejects.toMatchObject({ reason: 'locked' })

    expect(signedInAs).toEqual(['version-1', 'version-2'])
  })
})

describe('a sign-in that failed on the way', () => {
  it('is not tried again for two seconds: its answer may have been a refusal', async () => {
    const { clock, signedInAs, get } = setUp([throttled])

    await expect(get()).rejects.toBe(throttled)
    clock.advance(1_999)
    await expect(get()).rejects.toBe(throttled)
    expect(signedInAs).toHaveLength(1)
    clock.advance(1)
    expect(await get()).toBe('token-2')
  })
})

describe('a machine user that an operator has to see to', () => {
  it('opens the breaker with the reason, and is tried again a minute later', async () => {
    const { clock, signedInAs, get } = setUp([{ kind: 'misconfigured', reason: 'challenge_NEW_PASSWORD_REQUIRED' }])
    const refused = { code: 'sign_in_unavailable', reason: 'challenge_NEW_PASSWORD_REQUIRED' }

    await expect(get()).rejects.toMatchObject(refused)
    clock.advance(59_999)
    await expect(get()).rejects.toMatchObject(refused)
    expect(signedInAs).toHaveLength(1)

    clock.advance(1)
    expect(await get()).toBe('token-2')
  })
})

describe('a token for one creation', () => {
  const binding = { bodySha256: 'digest', provisioningId: 'v1.a.b' }

  it('is asked for each time, and is never taken for the one that is kept', async () => {
    const { signedInAs, bindings, tokens, get } = setUp()

    expect(await get()).toBe('token-1')
    expect((await tokens.issueFor(binding)).expose()).toBe('token-2')
    expect((await tokens.issueFor(binding)).expose()).toBe('token-3')
    expect(await get()).toBe('token-1')

    expect(bindings).toEqual([binding, binding])
    expect(signedInAs).toHaveLength(3)
  })

  it('that cannot be had for a reason to see to stops the others for a minute', async () => {
    const { clock, logger, signedInAs, tokens } = setUp([{ kind: 'misconfigured', reason: 'AccessDenied' }])
    const refused = { code: 'sign_in_unavailable', reason: 'AccessDenied' }

    await expect(tokens.issueFor(binding)).rejects.toMatchObject(refused)
    clock.advance(59_999)
    await expect(tokens.issueFor(binding)).rejects.toMatchObject(refused)
    expect([signedInAs.length, stops(logger)]).toEqual([1, ['AccessDenied']])

    clock.advance(1)
    expect((await tokens.issueFor(binding)).expose()).toBe('token-2')
  })

  it('by credentials that are rejected is not asked for again', async () => {
    const { tokens, logger } = setUp([{ kind: 'rejected' }])

    await expect(tokens.issueFor(binding)).rejects.toMatchObject({ code: 'sign_in_unavailable', reason: 'rejected' })
    expect(stops(logger)).toEqual(['rejected'])
  })
})

describe('a token that App2 refused', () => {
  it('is replaced by a new one', async () => {
    const { tokens } = setUp()
    const refused = await tokens.get()

    expect((await tokens.replace(refused)).expose()).toBe('token-2')
    expect((await tokens.get()).expose()).toBe('token-2')
  })

  it('is replaced by one sign-in for all who met the refusal', async () => {
    const { tokens, signedInAs } = setUp()
    const refused = await tokens.get()

    await tokens.replace(refused)
    expect((await tokens.replace(refused)).expose()).toBe('token-2')
    expect(signedInAs).toHaveLength(2)
  })

  it('is replaced by one sign-in for two who meet the refusal at the same time', async () => {
    const { tokens, signedInAs } = setUp()
    const refused = await tokens.get()

    const replacements = await Promise.all([tokens.replace(refused), tokens.replace(refused)])

    expect(replacements.map((token) => token.expose())).toEqual(['token-2', 'token-2'])
    expect(signedInAs).toHaveLength(2)
  })

  it('is replaced at most once per thirty seconds', async () => {
    const { clock, tokens, signedInAs } = setUp()
    const second = await tokens.replace(await tokens.get())

    clock.advance(29_999)
    await expect(tokens.replace(second)).rejects.toMatchObject({
      code: 'upstream_error',
      reason: 'token_refused_again',
    })
    clock.advance(1)
    expect((await tokens.replace(second)).expose()).toBe('token-3')
    expect(signedInAs).toHaveLength(3)
  })
})
