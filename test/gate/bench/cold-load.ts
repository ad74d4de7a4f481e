// How long a function takes until its first answer, on what Lambda gives it, beside functions that do the same as commonly written.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import {
  medianDuration,
  missedGoals,
  summarize,
  type ColdStart,
  type ColdStartGoal,
  type ColdStartSummary,
} from './cold-load-judge.ts'
import { creators, startColdPair, type ColdPair, type Subject } from './cold-load-pair.ts'
import { startColdProcess, type ColdProcess, type Processor } from './cold-process.ts'
import { median, rotate } from './measure.ts'
import { findProcessorLimit, processorShare } from './processor-share.ts'
import { printTable, writeResult, type Cell } from './report.ts'

const rounds = 21

type Contestant = {
  readonly name: string
  readonly subject: Subject
  /** The name of the contestant that it is compared with. */
  readonly baseline?: string
  readonly goal?: ColdStartGoal
}

/**
 * Every cold start has a process of its own, of which only the inside is timed: init, on a whole processor, and the first
 * answer, on the share of the memory. What Lambda adds (fetching the code, starting Node, TLS to AWS) is not in it.
 * With `memorySizes` (MB), creations alone, and what they cost with each.
 */
export async function benchColdLoad({ memorySizes }: { readonly memorySizes?: readonly number[] }): Promise<void> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-cold-load-'))
  started.defer(() => rm(folder, { recursive: true }))
  const pair = await startColdPair(folder, { latencyMs: memorySizes ? awsLatencyMs : 0 })
  started.defer(() => pair.close())
  const limit = await findProcessorLimit()
  console.log(
    limit
      ? `\nAnswers are held to the memory's share of a processor by ${limit.name}.`
      : '\nNo cgroup can be made here: the time of an answer is its processor time, by the share of the memory.',
  )
  if (memorySizes) await compareMemorySizes(pair, { memorySizes, limit })
  else await compareFunctions(pair, { memoryMb: await deployedMemoryMb(), limit })
}

async function deployedMemoryMb(): Promise<number> {
  const text = await readFile(new URL('../../../serverless.yml', import.meta.url), 'utf8')
  const settings = z.object({ provider: z.object({ memorySize: z.int() }) })
  return settings.parse(parse(text, { logLevel: 'error' })).provider.memorySize
}

const jsonwebtokenName = 'jsonwebtoken + jwks-rsa authorizer'
const app1Name = 'Cognito client unbundled: App1'
const app2Name = 'Cognito client unbundled: App2'

function contestantsOf({ ours, baselines }: ColdPair): Contestant[] {
  const goal = { firstCpuMs: 5 }
  return [
    { name: jsonwebtokenName, subject: baselines.authorizer },
    {
      name: 'Latchkey: authorizer',
      subject: ours.authorizer,
      baseline: jsonwebtokenName,
      goal: { ...goal, firstRatio: 0.25, sumRatio: 0.4 },
    },
    { name: app1Name, subject: baselines.app1 },
    { name: 'Latchkey: app1-provisioner', subject: ours['app1-provisioner'], baseline: app1Name, goal },
    { name: app2Name, subject: baselines.app2 },
    { name: 'Latchkey: create-user', subject: ours['create-user'], baseline: app2Name, goal },
    { name: 'Latchkey: sample', subject: ours.sample, baseline: app2Name, goal },
  ]
}

type Creation = {
  /** As its caller sees it. */
  readonly wallMs: number
  /** Of the three first answers. */
  readonly cpuMs: number
  readonly starts: Readonly<Record<(typeof creators)[number], ColdStart>>
}

async function compareFunctions(pair: ColdPair, processor: Processor): Promise<void> {
  const contestants = contestantsOf(pair)
  const starts = new Map(contestants.map(({ name }) => [name, [] as ColdStart[]]))
  const creations: Creation[] = []
  // One round unseen, so that all files are in the disk cache for all, and the emulators' code is compiled.
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, subject } of rotate(contestants, round)) {
      const start = toStart(await answerCold(subject, processor))
      if (round >= 0) starts.get(name)?.push(start)
    }
    const creation = await createCold(pair, processor)
    if (round >= 0) creations.push(creation)
  }
  const results = contestants.map(({ name, baseline, goal }) => ({
    name,
    goal,
    summary: summarize(starts.get(name) ?? [], starts.get(baseline ?? '')),
  }))
  reportFunctions(results, processor)
  reportCreations(creations)
  writeResult('cold-load', { rounds, ...describe(processor), results, starts: Object.fromEntries(starts), creations })
}

/** `repeats` more answers make it warm. */
async function answerCold({ cold, event, accepts }: Subject, processor: Processor, repeats = 0): Promise<ColdProcess> {
  const process = await startColdProcess(cold, processor)
  try {
    for (let index = 0; index <= repeats; index += 1) {
      const answer = await process.answer(event)
      if (!accepts(answer)) throw new Error(`${cold.module.href} answered with ${JSON.stringify(answer)}`)
    }
    return process
  } finally {
    await process.close()
  }
}

async function createCold(pair: ColdPair, processor: Processor): Promise<Creation> {
  const { wallMs, processes } = await pair.create(processor)
  const starts = {
    authorizer: toStart(processes.authorizer),
    'create-user': toStart(processes['create-user']),
    'app1-provisioner': toStart(processes['app1-provisioner']),
  }
  const cpuMs = creators.reduce((sum, name) => sum + starts[name].first.cpuMs, 0)
  return { wallMs: processor.limit ? wallMs : cpuMs / processorShare(processor.memoryMb), cpuMs, starts }
}

function toStart({ init, answers: [first] }: ColdProcess): ColdStart {
  if (first === undefined) throw new Error('a function was not called')
  return { init, first }
}

function describe({ memoryMb, limit }: Processor): object {
  return { memoryMb, share: processorShare(memoryMb), limitedBy: limit?.name ?? null }
}

function reportFunctions(
  results: readonly {
    readonly name: string
    readonly goal: ColdStartGoal | undefined
    readonly summary: ColdStartSummary
  }[],
  { memoryMb }: Processor,
): void {
  printTable(
    `Cold starts with ${memoryMb} MB: medians of ${rounds} processes each, one of each function in turn; × is by processor time`,
    ['', 'init ms', 'processor ms', 'first answer ms', 'processor ms', '× baseline', 'sum processor ms', '× baseline'],
    results.map(({ name, summary: { init, first, sumCpuMs, firstRatio, sumRatio } }): Cell[] => [
      name,
      init.wallMs.toFixed(1),
      init.cpuMs.toFixed(1),
      first.wallMs.toFixed(1),
      first.cpuMs.toFixed(1),
      Number.isNaN(firstRatio) ? '' : firstRatio.toFixed(2),
      sumCpuMs.toFixed(1),
      Number.isNaN(sumRatio) ? '' : sumRatio.toFixed(2),
    ]),
  )
  console.log('')
  for (const { name, goal, summary } of results) {
    if (goal === undefined) continue
    const missed = missedGoals(goal, summary)
    console.log(`  ${name}: ${missed.length === 0 ? 'reached' : `NOT reached: ${missed.join('; ')}`}`)
  }
}

function reportCreations(creations: readonly Creation[]): void {
  const of = (measure: (creation: Creation) => number): string => median(creations.map(measure)).toFixed(0)
  const sums = of(({ starts }) =>
    creators.reduce((sum, name) => sum + starts[name].init.cpuMs + starts[name].first.cpuMs, 0),
  )
  const parts = creators.map((name) => `${name} ${of(({ starts }) => starts[name].first.cpuMs)}`)
  console.log(
    `\n  One cold creation through the packaged functions: ${of(({ wallMs }) => wallMs)} ms for its caller; first answers ` +
      `${of(({ cpuMs }) => cpuMs)} ms of processor time (${parts.join(', ')}), with init ${sums} ms`,
  )
}

/** Waiting is billed as well. */
const awsLatencyMs = 20
const memoryRounds = 7
const warmAnswers = 10

async function compareMemorySizes(
  pair: ColdPair,
  { memorySizes, limit }: { readonly memorySizes: readonly number[]; readonly limit: Processor['limit'] },
): Promise<void> {
  const taken = new Map<string, ColdProcess[]>()
  for (let round = -1; round < memoryRounds; round += 1) {
    for (const memoryMb of rotate(memorySizes, round)) {
      const { processes } = await pair.create({ memoryMb, limit }, warmAnswers)
      const sample = await answerCold(pair.ours.sample, { memoryMb, limit }, warmAnswers)
      for (const [name, process] of Object.entries({ ...processes, sample })) {
        const key = `${name} ${memoryMb}`
        if (round >= 0) taken.set(key, [...(taken.get(key) ?? []), process])
      }
    }
  }
  const results = [...creators, 'sample'].flatMap((name) =>
    memorySizes.map((memoryMb) => {
      const processes = taken.get(`${name} ${memoryMb}`) ?? []
      const init = median(processes.map((process) => process.init.wallMs))
      const first = medianDuration(processes.map((process) => toStart(process).first))
      const warm = medianDuration(processes.flatMap(({ answers }) => answers.slice(1)))
      // A started millisecond is billed whole.
      const cost = (ms: number): number => (Math.ceil(ms) / 1_000) * (memoryMb / 1_024)
      const gbSeconds = { init: cost(init), first: cost(first.wallMs), warm: cost(warm.wallMs) }
      return { name, memoryMb, first, warm, gbSeconds }
    }),
  )
  printTable(
    `A creation with ${awsLatencyMs} ms added to every AWS call, and sample's GET /health: medians of ${memoryRounds} cold ` +
      `starts, ${warmAnswers} warm answers of each`,
    ['', 'MB', 'first answer ms', 'warm ms', 'GB-s of init', 'of the first answer', 'of a warm one'],
    results.map(({ name, memoryMb, first, warm, gbSeconds }): Cell[] => [
      name,
      memoryMb,
      first.wallMs.toFixed(0),
      warm.wallMs.toFixed(1),
      gbSeconds.init.toFixed(4),
      gbSeconds.first.toFixed(4),
      gbSeconds.warm.toFixed(4),
    ]),
  )
  writeResult('cold-load-memory', { rounds: memoryRounds, limitedBy: limit?.name ?? null, results })
}
