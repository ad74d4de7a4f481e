// The stage of one case: the pair's functions, the doors around them, and an eye on the user before each call on it.
import { awsClientOptions } from '../../shared/aws-client-options.ts'
import { recordingLogger } from '../support/logger.ts'
import { recordingMetrics } from '../support/metrics.ts'
import { isDeepStrictEqual } from 'node:util'
import { askApp1, type Answer } from './answer.ts'
import { planFaults, type Fault } from './fault.ts'
import { judgeAnswer, judgeSighting, type Exchange, type Sighting, type Violation } from './judge.ts'
import { touchesUser, type Mortal } from './operations.ts'
import { namesake, type Expected, type Scenario, type Wanted } from './scenario.ts'
import type { World } from './world.ts'

export type Stage = {
  /** Sends the request, lets `faults` strike it, and waits until all that came of it has settled. */
  exchange(which: Exchange['which'], faults: readonly Fault[]): Promise<Exchange>
  /** How often each operation was called since the stage was set. */
  calls(): Readonly<Record<string, number>>
  /** What the scenario leads one to expect, or what an operator's hand in it has made of that. */
  expected(): Expected
  violations(): readonly Violation[]
  /** All that was answered and logged. */
  output(): string
  readonly secrets: ReadonlySet<string>
  readonly temporaryPasswords: ReadonlySet<string>
}

export type StageOptions = {
  readonly world: World
  readonly scenario: Scenario
  readonly wanted: Wanted
}

/** Beyond the time that a function keeps for its answer, and App2 for its compensation. */
const answerMarginMs = 500
const compensationMs = 4_000

export async function createStage({ world, scenario, wanted }: StageOptions): Promise<Stage> {
  const { operator, awsDoor, app2Door } = world
  const logger = recordingLogger()
  const answers: string[] = []
  const secrets = new Set<string>()
  const temporaryPasswords = new Set<string>()
  const counts: Record<string, number> = {}
  const violations: Violation[] = []
  let expected: Expected = scenario.expected
  let passwordsRejected = 0
  let app1Died = false
  let isPasswordRefused = false
  /** There was a user of this name when the request began. */
  let foundUser = false
  let twin: Promise<void> | undefined
  /** The user that somebody was told is whole. */
  let promised: string | undefined
  let timeoutsMs: Record<Mortal, number> = ampleMs

  const functions = world.install({ logger, metrics: recordingMetrics(), timeoutMs: (mortal) => timeoutsMs[mortal] })

  let last = await see(undefined, 'at first')
  let baseline = last

  async function see(previous: Sighting | undefined, at: string): Promise<Sighting> {
    const user = await operator.find(wanted.username)
    if (user === undefined) return { at, user, signIn: 'absent' }
    // The same state gives the same answer, and too many wrong passwords would lock the user out.
    if (previous !== undefined && isDeepStrictEqual(user, previous.user)) return { ...previous, at }
    return { at, user, signIn: (await operator.signIn(wanted.username, wanted.password)).kind }
  }

  async function look(at: string): Promise<Sighting> {
    last = await see(last, at)
    violations.push(...judgeSighting(last, wanted, baseline, expected))
    return last
  }

  async function onCall(operation: string, { isRepeat }: { readonly isRepeat: boolean }): Promise<void> {
    counts[operation] = (counts[operation] ?? 0) + 1
    if (!touchesUser(operation)) return
    const { user } = await look(`before ${operation}`)
    // The SDK may not know that it has, but a request that finds a finished user has no business to.
    if (operation !== 'AdminSetUserPassword' || isRepeat || !foundUser || user?.status !== 'CONFIRMED') return
    violations.push({ kind: 'taken_over', text: 'a password is set on a user that has one' })
  }

  function die(mortal: Mortal): void {
    functions[mortal].die()
    if (mortal !== 'app1-provisioner') return
    app1Died = true
    // What one process has learnt, the next one has to learn anew.
    passwordsRejected = 0
  }

  async function remove(kind: 'removed' | 'replaced'): Promise<void> {
    if ((await operator.find(wanted.username)) !== undefined) await operator.remove(wanted.username)
    expected = { kind: 'made' }
    if (kind === 'replaced') {
      await operator.make(namesake(world, wanted))
      expected = { kind: 'untouched', status: 409, code: 'user_exists' }
    }
    promised = undefined
    baseline = last = await see(undefined, kind)
  }

  function onAnswer(operation: string, errorName: string | undefined): void {
    if (operation !== 'InitiateAuth' || errorName !== 'NotAuthorizedException') return
    passwordsRejected += 1
    if (passwordsRejected > 1) {
      violations.push({ kind: 'password_offered_again', text: 'a machine password that was rejected is offered again' })
    }
  }

  /** The caller's second try overtakes the first. What it is told has to be true, and has to stay so. */
  function sendTwin(): Promise<void> {
    twin = playTwin()
    return twin
  }

  async function playTwin(): Promise<void> {
    const before = await look('before the twin')
    const answer = await askApp1(world.app1Url, bodyOf(wanted), { 'idempotency-key': wanted.idempotencyKey })
    const after = await look('after the twin')
    answers.push(answerText(answer))
    const shared = { which: 'twin', app1Died, passwordRefused: isPasswordRefused } as const
    violations.push(...judgeAnswer({ ...shared, before, answer, settled: after, after }, wanted, expected))
    if (answer.status === 201) promised = after.user?.sub
  }

  async function exchange(which: Exchange['which'], faults: readonly Fault[]): Promise<Exchange> {
    const plan = planFaults(faults)
    const shared = { plan, onCall, secrets }
    awsDoor.serve({ ...shared, die, remove, sendTwin, temporaryPasswords, onAnswer })
    app2Door.serve({
      ...shared,
      answers,
      dieApp1: () => {
        die('app1-provisioner')
      },
    })
    timeoutsMs = which === 'request' ? timeoutsFor(scenario, faults) : ampleMs
    const isImpatient = faults.some(({ kind }) => silentKinds.has(kind))
    for (const each of Object.values(functions)) {
      each.setAttemptMs(isImpatient ? impatientMs : awsClientOptions.requestHandler.requestTimeout)
    }
    app1Died = false
    isPasswordRefused = faults.some(({ kind, operation }) => kind === 'refused' && operation !== 'App2')
    const before = await look(`before the ${which}`)
    foundUser = before.user !== undefined
    const answer = await askApp1(world.app1Url, bodyOf(wanted), { 'idempotency-key': wanted.idempotencyKey })
    await twin
    await app2Door.settled()
    await awsDoor.settled()
    const settled = await look(`after the ${which}`)
    await awsDoor.deliverLate()
    const after = await look(`after the ${which} and what came late of it`)
    answers.push(answerText(answer))
    if (promised !== undefined && after.user?.sub !== promised) {
      violations.push({ kind: 'untrue_answer', text: `${which}: a user that was answered with 201 is gone` })
    }
    if (answer.status === 201) promised = after.user?.sub
    return { which, before, answer, settled, after, app1Died, passwordRefused: isPasswordRefused }
  }

  return {
    exchange,
    calls: () => ({ ...counts }),
    expected: () => expected,
    violations: () => violations,
    output: () => [...answers, ...logger.lines.map((line) => JSON.stringify(line))].join('\n'),
    secrets,
    temporaryPasswords,
  }
}

/** Of these nothing is heard until the SDK gives up. */
const silentKinds = new Set<string>(['timed-out', 'lost-in-timeout', 'late'])
/** In place of production's 3 s, where they would have to be waited for. */
const impatientMs = 250

const ampleMs: Record<Mortal, number> = {
  'app1-provisioner': 15_000,
  'create-user': answerMarginMs + compensationMs + 6_000,
  authorizer: 5_000,
}

/** App1 waits for App2 to the end of its time, so that has to be near where nothing comes. */
function timeoutsFor({ workingMs }: Scenario, faults: readonly Fault[]): Record<Mortal, number> {
  const app2Silent = faults.some(
    ({ operation, kind }) => operation === 'App2' && (kind === 'timed-out' || kind === 'lost-in-timeout'),
  )
  return {
    ...ampleMs,
    ...(app2Silent && { 'app1-provisioner': answerMarginMs + 2_000 }),
    ...(workingMs !== undefined && { 'create-user': answerMarginMs + compensationMs + workingMs }),
  }
}

function bodyOf({ username, password, humanUserId }: Wanted): object {
  return { username, password, human_user_id: humanUserId }
}

const answerText = ({ headers, text }: Answer): string => `${headers} ${text}`
