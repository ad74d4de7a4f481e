// The load run itself: the pair, its troubles, its callers, and the count in the pool when all is settled.
import { setTimeout as sleep } from 'node:timers/promises'
import { startPair, type Pair } from '../../../../infra/local/pair.ts'
import { signIn } from '../../../../infra/local/sign-in.ts'
import { SecretValue } from '../../../../shared/text/secret-value.ts'
import { createApp1Caller } from './app1-caller.ts'
import { createUntilFinal, type CreationDeps, type CreationRecord, type CreationRequest } from './creation.ts'
import { planHangUp, planTroubles } from './fault-plan.ts'
import { heldHeapBytes } from './held-heap.ts'
import { createMeasuredFunctions } from './measured-functions.ts'
import { createMemoryWatch, type MemoryMeasures, type MemorySummary } from './memory-watch.ts'
import type { LoadOptions } from './options.ts'
import { readPoolUsers } from './pool-users.ts'
import { createProgress } from './progress.ts'
import { toResult, type LoadResult } from './result.ts'
import { runLoad } from './run-load.ts'
import { startAwsProcess } from './start-aws-process.ts'
import { tallyUp } from './tally.ts'

/** What create-user admits of itself where its environment says nothing. */
const admittedPerSecond = 20

/** Enough to notice passwords that are not the ones asked for, and few enough to take a second. */
const signInSamples = 50

const lookAtMemoryEveryMs = 250

/**
 * Set-up and count go past faults and quotas: what is measured is the time between. The count waits until the pair
 * has no work left, of callers who have hung up neither.
 */
export async function runOnPair(
  options: LoadOptions,
): Promise<{ readonly result: LoadResult; readonly findings: readonly string[] }> {
  await using started = new AsyncDisposableStack()
  const aws = await startAwsProcess()
  started.defer(() => aws.close())
  const functions = createMeasuredFunctions({ creationsPerSecond: admittedPerSecond * options.quotaScale })
  const pair = await startPair({ awsEndpoint: aws.url, startFunction: functions.start })
  started.defer(() => pair.close())

  const { faultRate: rate, seed, timeouts, quotaScale } = options
  await aws.disturb({ faults: planTroubles({ rate, seed, timeouts }), quotaScale })
  const { records, elapsedMs, memory } = await createAll(options, pair.app1Url, {
    usage: () => process.memoryUsage(),
    heldHeapBytes: async () => heldHeapBytes() + (await functions.heldHeapBytes()),
  })
  await functions.idle()
  const counts = await aws.count()
  await aws.leaveAlone()

  const users = await readPoolUsers(pair.clients.cognito, pair.provisioned.userPoolId)
  const signInFailures = await findSignInFailures(records, pair)
  const tally = tallyUp({ records, users, signInFailures })
  return { result: toResult({ options, tally, records, elapsedMs, aws: counts, memory }), findings: tally.findings }
}

type Load = { readonly records: readonly CreationRecord[]; readonly elapsedMs: number; readonly memory: MemorySummary }

async function createAll(options: LoadOptions, app1Url: string, measures: MemoryMeasures): Promise<Load> {
  const { count, faultRate: rate, seed } = options
  const now = (): number => performance.now()
  const caller: CreationDeps = { send: createApp1Caller(app1Url), sleep, now, random: Math.random }
  const progress = createProgress({ stream: process.stderr, now })
  const memory = createMemoryWatch(measures)
  const looking = setInterval(() => {
    memory.look()
  }, lookAtMemoryEveryMs)
  const startedAt = now()
  let repeats = 0
  try {
    const records = await runLoad(
      options,
      (index) => createUntilFinal(requestFor(index), caller, { hangUpAfterMs: planHangUp(index, { rate, seed }) }),
      (record, done) => {
        repeats += record.repeatedFor.length
        memory.note({ done, count })
        progress.show({ done, count, repeats })
      },
    )
    return { records, elapsedMs: now() - startedAt, memory: await memory.summary() }
  } finally {
    clearInterval(looking)
    progress.clear()
  }
}

/** Derived from the index, so that ten thousand of them need not be kept. */
function requestFor(index: number): CreationRequest {
  return {
    username: `load-${index}`,
    password: `Load-password-${index}`,
    humanUserId: `caller-${index}@example.com`,
    idempotencyKey: `load-${index}`,
  }
}

/** The names of those among a sample of created users who cannot sign in with the password that was asked for. */
async function findSignInFailures(records: readonly CreationRecord[], pair: Pair): Promise<ReadonlySet<string>> {
  const created = records.filter(({ verdict }) => verdict.kind === 'created')
  const every = Math.ceil(created.length / signInSamples)
  const failures = new Set<string>()
  for (const { username } of created.filter((_, index) => index % every === 0)) {
    const { userPoolId, serviceClientId: clientId } = pair.provisioned
    const password = new SecretValue(requestFor(Number(username.slice('load-'.length))).password)
    await signIn(pair.clients.cognito, { userPoolId, clientId, username, password }).catch(() => failures.add(username))
  }
  return failures
}
