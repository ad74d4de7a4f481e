// The stage of one case: the pair's functions, the proxies around them, and what the request and its repeats came to.
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { recordingLogger } from '../../support/logger.ts'
import { askApp1, type Answer, type App1Request } from './answer.ts'
import { planFaults, type Fault } from './fault.ts'
import { judgeAnswer, type Exchange } from './judge.ts'
import { operations, touchesSecret, touchesUser, type OperationName, type PlayedFunction } from './operations.ts'
import { contractOf, isCreation, namesake, requestOf, type Expected, type Scenario, type Wanted } from './scenario.ts'
import { ampleMs, attemptMsFor, timeoutsFor } from './time-limits.ts'
import { startWatch, type Watch } from './watch.ts'
import type { FaultEnvironment } from './fault-environment.ts'

export type Stage = Pick<Watch, 'expected' | 'expectFromNow' | 'violations'> & {
  /** Sends the request, lets `faults` strike it, and waits until all that came of it has settled. */
  exchange(which: Exchange['which'], faults: readonly Fault[]): Promise<Exchange>
  /** Something else is asked of App1, which nothing strikes. */
  ask(request: App1Request): Promise<Answer>
  /** How often each operation was called since the stage was set. */
  calls(): Readonly<Record<string, number>>
  /** All that was answered and logged. */
  output(): string
  readonly secrets: ReadonlySet<string>
  readonly temporaryPasswords: ReadonlySet<string>
}

type StageOptions = {
  readonly faultEnvironment: FaultEnvironment
  readonly scenario: Scenario
  readonly wanted: Wanted
}

export async function createStage({ faultEnvironment, scenario, wanted }: StageOptions): Promise<Stage> {
  const { operator, secretKeeper, awsProxy, app2Proxy } = faultEnvironment
  const contract = contractOf(scenario)
  const logger = recordingLogger()
  const answers: string[] = []
  const secrets = new Set<string>()
  const temporaryPasswords = new Set<string>()
  const counts: Record<string, number> = {}
  let passwordsRejected = 0
  let app1Crashed = false
  let passwordRefused = false
  /** There was a user of this name when the request began. */
  let foundUser = false
  let concurrentRetry: Promise<void> | undefined
  let isOvertaken = false
  /** The user that somebody was told is whole. */
  let promised: string | undefined
  let timeoutsMs = ampleMs

  const functions = faultEnvironment.install({ logger, timeoutMs: (name) => timeoutsMs[name] })
  const watch = await startWatch({ operator, secretKeeper, wanted, expected: scenario.expected })

  async function onCall(operation: string, { isRepeat }: { readonly isRepeat: boolean }): Promise<void> {
    counts[operation] = (counts[operation] ?? 0) + 1
    if (!touchesUser(operation) && !touchesSecret(operation)) return
    const { user } = await watch.look(`before ${operation}`)
    if (!isCreation(scenario)) return
    // Its password is a reason, since every repeat would fail at it; anything else may end well for somebody else.
    if (operation === 'AdminDeleteUser' && foundUser && !passwordRefused) {
      watch.report({ kind: 'taken_over', text: 'a user is removed that this request has not made' })
    }
    // The SDK may not know that it has, but a request that finds a finished user has no business to.
    if (operation !== 'AdminSetUserPassword' || isRepeat || !foundUser || user?.status !== 'CONFIRMED') return
    watch.report({ kind: 'taken_over', text: 'a password is set on a user that has one' })
  }

  function crash(operation: string): void {
    const owner = operations[operation as OperationName]
    crashFunction(owner === 'App2' ? (isCreation(scenario) ? 'create-user' : 'manage-users') : owner)
  }

  function crashFunction(name: PlayedFunction): void {
    functions[name].crash()
    if (name !== 'app1-provisioner') return
    app1Crashed = true
    // What one process has learnt, the next one has to learn anew.
    passwordsRejected = 0
  }

  async function remove(kind: 'removed' | 'replaced', operation: string): Promise<void> {
    if ((await operator.find(wanted.username)) !== undefined) await operator.remove(wanted.username)
    promised = undefined
    if (kind === 'replaced') await operator.make(namesake(faultEnvironment, wanted))
    await watch.expectFromNow(expectedWithout(kind, operation))
  }

  function expectedWithout(kind: 'removed' | 'replaced', operation: string): Expected {
    if (isCreation(scenario))
      return kind === 'removed' ? { kind: 'made' } : { kind: 'untouched', status: 409, code: 'user_exists' }
    const { expected } = scenario
    const deletes = expected.kind === 'changed' && expected.isGone === true
    if (deletes && kind === 'removed') return expected
    if (deletes && operation === 'AdminDeleteUser') return { kind: 'untouched', status: 200 }
    return { kind: 'untouched', status: 404, code: 'user_not_found' }
  }

  function onAnswer(operation: string, errorName: string | undefined): void {
    if (operation !== 'InitiateAuth' || errorName !== 'NotAuthorizedException') return
    passwordsRejected += 1
    if (passwordsRejected === 1) return
    watch.report({ kind: 'password_offered_again', text: 'a machine password that was rejected is offered again' })
  }

  async function ask(request = requestOf(scenario.asks, wanted)): Promise<Answer> {
    const answer = await askApp1(faultEnvironment.app1Url, request)
    answers.push(`${answer.headers} ${answer.text}`)
    return answer
  }

  /** The caller's second try overtakes the first. What it is told has to be true, and has to stay so. */
  async function playConcurrentRetry(): Promise<void> {
    const before = await watch.look('before the concurrent retry')
    const answer = await ask()
    const after = await watch.look('after the concurrent retry')
    const exchanged: Exchange = {
      which: 'concurrent-retry',
      contract,
      before,
      answer,
      settled: after,
      after,
      app1Crashed,
      passwordRefused,
    }
    for (const violation of judgeAnswer(exchanged, wanted, watch.expected())) watch.report(violation)
    if (answer.status === 201) promised = after.user?.sub
    isOvertaken = answer.status < 300
  }

  function sendConcurrentRetry(): Promise<void> {
    concurrentRetry = playConcurrentRetry()
    return concurrentRetry
  }

  function openRoutes(faults: readonly Fault[]): void {
    const shared = { plan: planFaults(faults), onCall, secrets }
    const crashApp1 = (): void => {
      crashFunction('app1-provisioner')
    }
    awsProxy.serve({ ...shared, crash, remove, sendConcurrentRetry, temporaryPasswords, onAnswer })
    app2Proxy.serve({ ...shared, answers, crashApp1 })
  }

  async function exchange(which: Exchange['which'], faults: readonly Fault[]): Promise<Exchange> {
    openRoutes(faults)
    timeoutsMs = timeoutsFor(faults, faults.length > 0 ? scenario.workingMs : undefined)
    const attemptMs = attemptMsFor(faults, awsClientOptions.requestHandler.requestTimeout)
    for (const each of Object.values(functions)) each.setAttemptMs(attemptMs)
    app1Crashed = false
    isOvertaken = false
    passwordRefused = faults.some(({ kind, operation }) => kind === 'refused' && operation !== 'App2')

    const before = await watch.look(`before the ${which}`)
    foundUser = before.user !== undefined
    const answer = await ask()
    await concurrentRetry
    await app2Proxy.settled()
    await awsProxy.settled()
    const settled = await watch.look(`after the ${which}`)
    await awsProxy.deliverLate()
    const after = await watch.look(`after the ${which} and what came late of it`)

    if (promised !== undefined && after.user?.sub !== promised) {
      watch.report({ kind: 'untrue_answer', text: `${which}: a user that was answered with 201 is gone` })
    }
    if (answer.status === 201) promised = after.user?.sub
    return { which, contract, before, answer, settled, after, app1Crashed, passwordRefused, isOvertaken }
  }

  return {
    exchange,
    ask: (request) => {
      openRoutes([])
      return ask(request)
    },
    expected: () => watch.expected(),
    expectFromNow: (expected) => watch.expectFromNow(expected),
    violations: watch.violations,
    calls: () => ({ ...counts }),
    output: () => [...answers, ...logger.lines.map((line) => JSON.stringify(line))].join('\n'),
    secrets,
    temporaryPasswords,
  }
}
