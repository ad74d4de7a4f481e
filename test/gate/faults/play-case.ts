// Plays one case from beginning to end: the scenario, the struck request, its repeat, and all that is to be seen of it.
import { randomPassword } from '#shared/text/random-text.ts'
import { isDeepStrictEqual } from 'node:util'
import { secretsFoundIn } from '../../support/search-secrets.ts'
import { askSample } from './answer.ts'
import { judgeAnswer, judgeEnd, type Exchange, type Violation } from './judge.ts'
import { isShutOut, judgeSecretAnswer, judgeSecretEnd, orphansOf } from './judge-secret.ts'
import { machineUserPrefix } from '#shared/contract.ts'
import type { UserState } from './operator.ts'
import { isCreation, scenarios, type Scenario, type Wanted } from './scenario.ts'
import { createStage, type Stage } from './stage.ts'
import type { TestCase } from './test-case.ts'
import { caller, reader, type FaultEnvironment } from './fault-environment.ts'

export type CaseResult = {
  readonly violations: readonly Violation[]
  /** How often the struck request called each operation. */
  readonly calls: Readonly<Record<string, number>>
  readonly counts: CaseCounts
}

/** Of generated passwords, what is no violation and worth to be known. */
export type CaseCounts = {
  /** After the struck request, which told of an open outcome, the secret did not hold the user's password. */
  readonly shutOutAtFirst: number
  /** The repeat was told to come again. */
  readonly repeatedLater: number
  /** Secrets of users that an operator deleted. */
  readonly orphans: number
}

/** Rejects when the case itself could not be played to its end; the environment is then not to be used again. */
export async function playCase(
  faultEnvironment: FaultEnvironment,
  { scenario: name, faults }: TestCase,
): Promise<CaseResult> {
  const scenario: Scenario = scenarios[name]
  const wanted = newRequest(faultEnvironment, scenario)
  // A rotation changes one of the machine users, or brings another one.
  const isRotated = scenario.rotates === true
  const others = await listOthers(faultEnvironment, { wanted, isRotated })
  await scenario.prepare(faultEnvironment, wanted)
  const stage = await createStage({ faultEnvironment, scenario, wanted })

  const request = await stage.exchange('request', faults)
  const calls = stage.calls()
  if (scenario.between)
    await scenario.between(faultEnvironment, {
      wanted,
      repeat: async () => {
        await stage.exchange('repeat', [])
      },
      ask: (request) => stage.ask(request),
      expectFromNow: (expected) => stage.expectFromNow(expected),
    })
  faultEnvironment.advance(scenario.repeatsAfterMs ?? beforeRepeatMs)
  // Whoever repeats a change means the user that has the name then.
  const isAnothers = !isCreation(scenario) && faults.some(({ kind }) => kind === 'replaced')
  const repeats = isAnothers ? [] : await repeatUntilAnswered(faultEnvironment, stage)
  const exchanges = [request, ...repeats]
  const last = repeats.at(-1) ?? request

  const expected = stage.expected()
  // Nothing has struck it: then it needs no repeat either.
  const isFinal = faults.length === 0 && scenario.between === undefined
  const violations = [
    ...stage.violations,
    ...(isFinal ? judgeEnd(request, wanted, expected) : []),
    ...exchanges.flatMap((each) => [...judgeAnswer(each, wanted, expected), ...judgeSecretAnswer(each, wanted)]),
    ...(isAnothers ? [] : [...judgeEnd(last, wanted, expected), ...judgeSecretEnd(last, wanted, faults)]),
    ...(expected.kind === 'made' ? await judgeService(faultEnvironment, wanted, last) : []),
    ...(await judgeTemporaryPasswords(faultEnvironment, wanted, stage)),
    ...(await judgeOthers(faultEnvironment, others, await listOthers(faultEnvironment, { wanted, isRotated }))),
    ...judgeLeaks(stage, wanted),
  ]
  if ((await faultEnvironment.operator.find(wanted.username)) !== undefined)
    await faultEnvironment.operator.remove(wanted.username)
  if (scenario.generates) await faultEnvironment.secretKeeper.removeAll()
  const counts = {
    shutOutAtFirst: Number(isShutOut(request.after)),
    repeatedLater: Number(repeats.length > 1),
    orphans: orphansOf(last.after).length,
  }
  return { violations, calls, counts }
}

/** As a caller does who is told when to come again. */
async function repeatUntilAnswered(faultEnvironment: FaultEnvironment, stage: Stage): Promise<Exchange[]> {
  const repeat = await stage.exchange('repeat', [])
  const waitSeconds = Number(repeat.answer.retryAfter)
  if (waitSeconds < aTurnSeconds) return [repeat]
  faultEnvironment.advance((waitSeconds + 1) * 1_000)
  return [repeat, await stage.exchange('repeat', [])]
}

/** Of whoever writes a password into a secret. */
const aTurnSeconds = 30

/** Who repeats waits first; after a sign-in whose answer was lost App1 tries no other for two seconds. */
const beforeRepeatMs = 2_500

let played = 0

function newRequest(faultEnvironment: FaultEnvironment, { generates }: Scenario): Wanted {
  played += 1
  const request = {
    username: `worker-${played}`,
    password: randomPassword().expose(),
    humanUserId: 'alice@example.com',
    idempotencyKey: `key-${played}`,
    ...(generates && { reader }),
  }
  return { ...request, provisioningId: faultEnvironment.provisioningId({ ...request, requestedBy: caller }) }
}

/** The user that was made is served where service users are served. */
async function judgeService(
  faultEnvironment: FaultEnvironment,
  wanted: Wanted,
  { after }: Exchange,
): Promise<Violation[]> {
  const { operator, secretKeeper } = faultEnvironment
  const attempt =
    wanted.reader === undefined
      ? await operator.signIn(wanted.username, wanted.password)
      : await secretKeeper.signIn(after.secrets?.find(({ sub }) => sub === after.user?.sub))
  if (attempt.kind !== 'tokens') return [{ kind: 'incomplete', text: 'after all, the user cannot sign in' }]
  const servedAs = await askSample(faultEnvironment.app2Url, attempt.accessToken)
  return servedAs !== undefined && servedAs === after.user?.sub
    ? []
    : [{ kind: 'incomplete', text: 'after all, the user is not served by /sample' }]
}

/** In every case that this thread has played. */
const usedTemporaryPasswords = new Set<string>()

/** Nobody knows them, since each is used for one user; whoever did could not sign in with them either. */
async function judgeTemporaryPasswords(
  faultEnvironment: FaultEnvironment,
  wanted: Wanted,
  stage: Stage,
): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const password of stage.temporaryPasswords) {
    const known = password === wanted.password || usedTemporaryPasswords.has(password)
    usedTemporaryPasswords.add(password)
    const { kind } = await faultEnvironment.operator.signIn(wanted.username, password)
    if (known || kind === 'tokens')
      violations.push({ kind: 'incomplete', text: 'a temporary password is known, or lets somebody in' })
  }
  return violations
}

/** Every user but the one of this case is as it was, the machine user included, and nobody has come. */
async function judgeOthers(
  { operator, bystander }: FaultEnvironment,
  before: readonly UserState[],
  now: readonly UserState[],
): Promise<Violation[]> {
  const takenOver = (text: string): Violation => ({ kind: 'taken_over', text })
  const isChanged = (user: UserState): boolean => !now.some((other) => isDeepStrictEqual(user, other))
  const isNew = ({ sub }: UserState): boolean => !before.some((other) => other.sub === sub)
  const { kind } = await operator.signIn(bystander.username, bystander.password)
  return [
    ...before.filter(isChanged).map(() => takenOver('a user that has nothing to do with it was changed')),
    ...now.filter(isNew).map(() => takenOver('a user was made that nobody wanted')),
    ...(kind === 'tokens' ? [] : [takenOver('a bystander cannot sign in any more')]),
  ]
}

async function listOthers(
  { operator }: FaultEnvironment,
  { wanted, isRotated }: { readonly wanted: Wanted; readonly isRotated: boolean },
): Promise<UserState[]> {
  return (await operator.list()).filter(
    ({ username }) => username !== wanted.username && !(isRotated && username.startsWith(machineUserPrefix)),
  )
}

function judgeLeaks(stage: Stage, wanted: Wanted): Violation[] {
  const found = secretsFoundIn(stage.output(), [wanted.password, ...stage.secrets])
  return found.length === 0 ? [] : [{ kind: 'leak', text: `${found.length} secret(s) stand in answers or logs` }]
}
