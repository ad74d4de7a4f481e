// Secrets with generated passwords, in memory: they keep what is delivered, and fail where a test says so.
import type { PasswordSecrets } from '#shared/aws/password-secrets.ts'
import { ServiceError } from '#shared/errors.ts'

type Operation = keyof PasswordSecrets | 'open' | 'takeBack'

export type FakePasswordSecrets = PasswordSecrets & {
  /** The passwords of each user, the last one current. */
  readonly passwords: Map<string, string[]>
  readonly readers: Map<string, string>
  readonly calls: Operation[]
  /** Every call of `operation` throws it, or that many. */
  fail(operation: Operation, error: Error, times?: number): void
}

export const secretArn = (sub: string): string => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:x/${sub}`

export function fakePasswordSecrets(): FakePasswordSecrets {
  const passwords = new Map<string, string[]>()
  const readers = new Map<string, string>()
  const calls: Operation[] = []
  const failures = new Map<Operation, { readonly error: Error; times: number }>()
  const perform = async <T>(operation: Operation, effect: () => T): Promise<T> => {
    calls.push(operation)
    const failure = failures.get(operation)
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1
      throw failure.error
    }
    return Promise.resolve(effect())
  }
  const remove = (sub: string) => () => {
    passwords.delete(sub)
  }
  return {
    passwords,
    readers,
    calls,
    fail: (operation, error, times = Infinity) => {
      failures.set(operation, { error, times })
    },
    deliver: ({ sub, password, reader }) =>
      perform('deliver', () => {
        const versions = passwords.get(sub) ?? []
        passwords.set(sub, versions)
        versions.push(password.expose())
        readers.set(sub, reader)
        return {
          arn: secretArn(sub),
          open: () => perform('open', () => undefined),
          takeBack: () =>
            perform('takeBack', () => {
              versions.pop()
            }),
        }
      }),
    find: (sub) =>
      perform('find', () => {
        if (!passwords.has(sub)) throw new ServiceError('secret_missing', { reason: 'not_there' })
        return secretArn(sub)
      }),
    discard: (sub) => perform('discard', remove(sub)),
    scheduleDeletion: (sub) => perform('scheduleDeletion', () => (passwords.delete(sub) ? 'scheduled' : 'unchanged')),
  }
}
