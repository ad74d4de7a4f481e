// An eye on the user that a case is about: it looks, judges what it sees at once, and keeps what was wrong.
import { isDeepStrictEqual } from 'node:util'
import { judgeReaders } from './judge-secret.ts'
import { judgeSighting, type Sighting, type Violation } from './judge.ts'
import type { Operator, SignInAttempt, UserState } from './operator.ts'
import type { Expected, Wanted } from './scenario.ts'
import type { SecretKeeper, SecretState } from './secret-keeper.ts'

export type Watch = {
  look(at: string): Promise<Sighting>
  /** What the scenario leads one to expect, or what an operator's hand in it has made of that. */
  expected(): Expected
  /** An operator has had a hand in it: what is there now is as it should be. */
  expectFromNow(expected: Expected): Promise<void>
  report(violation: Violation): void
  readonly violations: readonly Violation[]
}

export async function startWatch(options: {
  readonly operator: Operator
  readonly secretKeeper: SecretKeeper
  readonly wanted: Wanted
  readonly expected: Expected
}): Promise<Watch> {
  const { operator, secretKeeper, wanted } = options
  const isGenerated = wanted.reader !== undefined
  const violations: Violation[] = []
  let expected = options.expected

  async function see(previous: Sighting | undefined, at: string): Promise<Sighting> {
    const user = await operator.find(wanted.username)
    const secrets = isGenerated ? await secretKeeper.list() : []
    if (user === undefined) return { at, user, secrets, signIn: 'absent' }
    // The same state gives the same answer, and too many wrong passwords would lock the user out.
    if (previous !== undefined && isDeepStrictEqual([user, secrets], [previous.user, previous.secrets])) {
      return { ...previous, at }
    }
    const own = secrets.find(({ sub }) => sub === user.sub)
    const strangers = own && user.status === 'CONFIRMED' ? await secretKeeper.strangers(own, user, wanted) : []
    return { at, user, secrets, signIn: (await signIn(user, secrets)).kind, strangers }
  }

  async function signIn(user: UserState, secrets: readonly SecretState[]): Promise<SignInAttempt> {
    if (!isGenerated) return operator.signIn(wanted.username, wanted.password)
    // Its temporary password is in no secret.
    if (user.status !== 'CONFIRMED') return { kind: 'refused' }
    return secretKeeper.signIn(secrets.find(({ sub }) => sub === user.sub))
  }

  let last = await see(undefined, 'at first')
  let baseline = last

  return {
    async look(at) {
      last = await see(last, at)
      violations.push(...judgeSighting(last, wanted, baseline, expected), ...judgeReaders(last))
      return last
    },
    expected: () => expected,
    async expectFromNow(changed) {
      expected = changed
      baseline = last = await see(undefined, 'after an operator’s hand')
    },
    report: (violation) => {
      violations.push(violation)
    },
    violations,
  }
}
