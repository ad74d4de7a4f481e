import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { finishedByRepeatForMs, type PoolUser } from '#infra/cli/drift/drift.ts'
import {
  classifyOrphan,
  classifyPassword,
  clockToleranceMs,
  searchSecrets,
  type DriftedSecret,
} from '#infra/cli/drift/secret-drift.ts'
import type { PasswordVersions, UserSecret } from '#infra/cli/drift/user-secrets.ts'
import { collect, hour, provisioningIdOf } from './drift-pool.ts'

type AnyVerdict = { readonly kind: string; readonly reason?: string }
const wordOf = ({ kind, reason }: AnyVerdict): string => reason ?? kind

describe('the verdict on a secret without a user', () => {
  const verdictOf = ({ now = 24 * hour, anyMatched = true } = {}): string =>
    wordOf(classifyOrphan({ createdAt: 0 }, { now, anyMatched }))

  it('is too recent up to the last millisecond in which a repeat may finish the user, and repairable after', () => {
    expect(verdictOf({ now: finishedByRepeatForMs })).toBe('too_recent')
    expect(verdictOf({ now: finishedByRepeatForMs + 1 })).toBe('repairable')
  })

  it('leaves it alone where no secret belongs to a user of the pool: it may be another stack’s', () => {
    expect(verdictOf({ anyMatched: false })).toBe('no_secret_of_this_pool')
  })
})

describe('the verdict on a password', () => {
  const modifiedAt = hour
  const versionAt = (createdAt: number) => ({ id: `at-${createdAt}`, createdAt })
  const unset = { current: versionAt(2 * hour), previous: versionAt(hour) }
  const verdictOf = (versions: Partial<PasswordVersions> = {}, now = 24 * hour): string =>
    wordOf(classifyPassword({ ...unset, ...versions }, { modifiedAt, now }))

  it('that was written after the last change of its user is repairable, by moving back to the one before', () => {
    expect(classifyPassword(unset, { modifiedAt, now: 24 * hour })).toEqual({
      kind: 'repairable',
      move: { from: unset.current, to: unset.previous },
    })
  })

  it('passes as long as the clocks of two services may explain it', () => {
    expect(clockToleranceMs).toBeLessThan(30_000)
    expect(verdictOf({ current: versionAt(modifiedAt + clockToleranceMs) })).toBe('passed')
    expect(verdictOf({ current: versionAt(modifiedAt + clockToleranceMs + 1) })).toBe('repairable')
  })

  it('is too recent up to the 61st minute after it was written', () => {
    expect(verdictOf({}, unset.current.createdAt + finishedByRepeatForMs)).toBe('too_recent')
    expect(verdictOf({}, unset.current.createdAt + finishedByRepeatForMs + 1)).toBe('repairable')
  })

  it('without one before is left to an operator', () => {
    expect(verdictOf({ previous: undefined })).toBe('no_earlier_password')
  })

  it('after another one that was not set either is left to an operator', () => {
    expect(verdictOf({ previous: versionAt(modifiedAt + clockToleranceMs) })).toBe('repairable')
    expect(verdictOf({ previous: versionAt(modifiedAt + clockToleranceMs + 1) })).toBe('no_earlier_password')
  })

  it('passes where the secret has none but the placeholder', () => {
    expect(verdictOf({ current: undefined, previous: undefined })).toBe('passed')
  })
})

describe('the search among secrets', () => {
  const secretOf = (sub: string, changes: Partial<UserSecret> = {}): UserSecret => ({
    name: `x/${sub}`,
    sub,
    createdAt: 0,
    changedAt: 0,
    ...changes,
  })
  const userOf = (sub: string, changes: Partial<PoolUser> = {}): PoolUser => ({
    username: `user-${sub}`,
    sub,
    status: 'CONFIRMED',
    enabled: true,
    createdAt: 0,
    modifiedAt: 0,
    provisioningId: provisioningIdOf(1),
    ...changes,
  })

  async function search(
    secrets: readonly UserSecret[],
    users: readonly PoolUser[],
    versions?: PasswordVersions,
  ): Promise<{ readonly findings: readonly DriftedSecret[]; readonly asked: readonly string[] }> {
    const asked: string[] = []
    const { see, findings } = await searchSecrets(
      {
        secrets: {
          async *pages() {
            for (const secret of secrets) yield await Promise.resolve([secret])
          },
          versions: (sub) => {
            asked.push(sub)
            return Promise.resolve(versions)
          },
        },
        now: () => 24 * hour,
      },
      () => undefined,
    )
    users.forEach(see)
    return { findings: await collect(findings()), asked }
  }

  const changedAt = clockToleranceMs + 1

  it('asks for the versions of those alone that were changed later than their user', async () => {
    const secrets = [secretOf('1', { changedAt: clockToleranceMs }), secretOf('2', { changedAt })]

    const { asked } = await search(secrets, [userOf('1'), userOf('2')])

    expect(asked).toEqual(['2'])
  })

  it.each([
    ['an incomplete user', { status: 'FORCE_CHANGE_PASSWORD' }],
    ['a machine user', { username: 'latchkey-machine-1' }],
  ])('finds nothing at the secret of %s', async (_, changes) => {
    expect(await search([secretOf('1', { changedAt })], [userOf('1', changes)])).toEqual({ findings: [], asked: [] })
  })

  it('passes over a secret that vanished meanwhile', async () => {
    expect(await search([secretOf('1', { changedAt })], [userOf('1')])).toEqual({ findings: [], asked: ['1'] })
  })

  it('describes what it finds: passwords first, with the age of the password', async () => {
    const versions = { current: { id: 'b', createdAt: 12 * hour }, previous: { id: 'a', createdAt: 0 } }
    const secrets = [secretOf('lost'), secretOf('1', { changedAt: 12 * hour })]

    const { findings } = await search(secrets, [userOf('1')], versions)

    expect(findings).toEqual([
      {
        name: 'x/1',
        sub: '1',
        username: 'user-1',
        problem: 'password_not_set',
        createdAt: 12 * hour,
        ageMs: 12 * hour,
        verdict: { kind: 'repairable', move: { from: versions.current, to: versions.previous } },
      },
      {
        name: 'x/lost',
        sub: 'lost',
        username: undefined,
        problem: 'without_user',
        createdAt: 0,
        ageMs: 24 * hour,
        verdict: { kind: 'repairable' },
      },
    ])
  })
})

it('the command has no way to read a secret’s value', () => {
  const folder = new URL('../../../../../infra/cli/drift/', import.meta.url)
  const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))

  expect(sources.length).toBeGreaterThan(5)
  expect(sources.join('\n')).not.toMatch(/GetSecretValue|SecretString|SecretBinary/)
})
