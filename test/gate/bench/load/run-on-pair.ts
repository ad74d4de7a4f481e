// The load run itself: the pair, its troubles, its callers, and the count in the pool when all is settled.
import { setTimeout as sleep } from 'node:timers/promises'
import { startLocalAws } from '../../../../infra/emulators/aws/server.ts'
import { startPair, type Pair } from '../../../../infra/local/pair.ts'
import { signIn } from '../../../../infra/local/sign-in.ts'
import { SecretValue } from '../../../../shared/text/secret-value.ts'
import { createApp1Caller } from './app1-caller.ts'
import { createUntilFinal, type CreationDeps, type CreationRecord, type CreationRequest } from './creation.ts'
import { planHangUp, planTroubles } from './fault-plan.ts'
import { createMeasuredFunctions } from './measured-functions.ts'
import { readPoolUsers } from './pool-users.ts'
import { tallyUp, type Tally } from './tally.ts'

const concurrency = 64
/** The share of calls to AWS that fail, and of first requests on which the caller hangs up. */
const rate = 0.05
/** Cognito's request quotas, and App2's own admission with them, times this: at 1, 10,000 users take nine minutes. */
const quotaScale = 20
/** What create-user admits of itself where its environment says nothing. */
const admittedPerSecond = 20

/** Enough to notice passwords that are not the ones asked for, and few enough to take a second. */
const signInSamples = 50

export type LoadRun = {
  readonly tally: Tally
  readonly records: readonly CreationRecord[]
  readonly elapsedMs: number
  readonly aws: { readonly calls: number; readonly failedCalls: number }
}

/**
 * Set-up and count go past faults and quotas: what is measured is the time between. The count waits until the pair
 * has no work left, of callers who have hung up neither.
 */
export async function runOnPair({ count, seed }: { readonly count: number; readonly seed: number }): Promise<LoadRun> {
  await using started = new AsyncDisposableStack()
  const aws = await startLocalAws()
  started.defer(() => aws.close())
  const functions = createMeasuredFunctions({ creationsPerSecond: admittedPerSecond * quotaScale })
  const pair = await startPair({ awsEndpoint: aws.url, startFunction: functions.start })
  started.defer(() => pair.close())

  const before = aws.calls.length
  aws.setFaults(planTroubles({ rate, seed }))
  aws.setQuotaScale(quotaScale)
  const deps: CreationDeps = { send: createApp1Caller(pair.app1Url), sleep, now, random: Math.random }
  const startedAt = now()
  const records: CreationRecord[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      const hangUpAfterMs = planHangUp(index, { rate, seed })
      records.push(await createUntilFinal(requestFor(index), deps, { hangUpAfterMs }))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  const elapsedMs = now() - startedAt
  await functions.idle()
  const calls = aws.calls.slice(before)
  aws.setFaults([])
  aws.setQuotaScale(undefined)

  const users = await readPoolUsers(pair.clients.cognito, pair.provisioned.userPoolId)
  const signInFailures = await findSignInFailures(records, pair)
  return {
    tally: tallyUp({ records, users, signInFailures }),
    records,
    elapsedMs,
    aws: { calls: calls.length, failedCalls: calls.filter(({ error }) => error !== undefined).length },
  }
}

const now = (): number => performance.now()

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
