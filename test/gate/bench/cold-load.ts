// How long each function takes to load and to give its first answer, beside functions that do the same as commonly written.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareColdFunctions, type ColdFunctions } from './cold-load-functions.ts'
import { takeColdSample, type ColdFunction, type ColdSample, type Duration } from './cold-load-sample.ts'
import { median, medianRatio, rotate } from './measure.ts'
import { printTable, writeResult, type Cell } from './report.ts'

const rounds = 21

type Contestant = {
  readonly name: string
  readonly cold: ColdFunction
  /** The name of the contestant that it is compared with. */
  readonly baseline?: string
  readonly goal?: { readonly bytes: number; readonly loadRatio: number }
}

/** Medians over the rounds, by one clock, and how they compare with its baseline's. */
type Summary = {
  readonly loadMs: number
  readonly sumMs: number
  readonly loadRatio?: number
  readonly sumRatio?: number
}

type ColdLoad = {
  readonly name: string
  readonly bytes: number
  readonly rssBytes: number
  readonly wall: Summary
  readonly cpu: Summary
  readonly goal?: Contestant['goal']
}

/**
 * A sample is a process of its own, of which only the inside is timed: not the start of Node. The first answer is that
 * to `GET /health`, which calls nothing, and for the authorizers a good token, for which the JWKS is fetched from the
 * loopback address. What Lambda adds (fetching the code, TLS to Cognito) is not in it. Each function is first loaded
 * once unseen, so that all files are in the disk cache for all.
 */
export async function benchColdLoad(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-cold-load-'))
  const functions = await prepareColdFunctions(folder)
  try {
    report(await measureColdLoads(contestantsOf(functions)))
  } finally {
    await functions.close()
    await rm(folder, { recursive: true })
  }
}

const jsonwebtokenName = 'jsonwebtoken + jwks-rsa authorizer'
const app1Name = 'Cognito client unbundled: App1'
const app2Name = 'Cognito client unbundled: App2'

function contestantsOf({ ours, baselines }: ColdFunctions): Contestant[] {
  const serviceGoal = { bytes: 320_000, loadRatio: 0.7 }
  return [
    { name: 'an empty handler (the floor)', cold: baselines.empty },
    { name: jsonwebtokenName, cold: baselines.authorizer },
    {
      name: 'Latchkey: authorizer',
      cold: ours.authorizer,
      baseline: jsonwebtokenName,
      goal: { bytes: 30_000, loadRatio: 0.25 },
    },
    { name: app1Name, cold: baselines.app1 },
    { name: 'Latchkey: app1-provisioner', cold: ours['app1-provisioner'], baseline: app1Name, goal: serviceGoal },
    { name: app2Name, cold: baselines.app2 },
    { name: 'Latchkey: create-user', cold: ours['create-user'], baseline: app2Name, goal: serviceGoal },
    { name: 'Latchkey: sample', cold: ours.sample, baseline: app2Name },
    { name: 'Latchkey: machine-credential-rotation', cold: ours['machine-credential-rotation'] },
  ]
}

async function measureColdLoads(contestants: readonly Contestant[]): Promise<ColdLoad[]> {
  const samples = new Map(contestants.map(({ name }) => [name, [] as ColdSample[]]))
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, cold } of rotate(contestants, round)) {
      const sample = await takeColdSample(cold)
      if (round >= 0) samples.get(name)?.push(sample)
    }
  }
  return contestants.map(({ name, baseline, goal }) => {
    const taken = samples.get(name) ?? []
    const beside = baseline === undefined ? undefined : samples.get(baseline)
    return {
      name,
      bytes: median(taken.map(({ bytes }) => bytes)),
      rssBytes: median(taken.map(({ rssBytes }) => rssBytes)),
      wall: summarize('wallMs', taken, beside),
      cpu: summarize('cpuMs', taken, beside),
      ...(goal && { goal }),
    }
  })
}

function summarize(
  clock: keyof Duration,
  samples: readonly ColdSample[],
  baseline: readonly ColdSample[] | undefined,
): Summary {
  const loads = (of: readonly ColdSample[]): number[] => of.map(({ load }) => load[clock])
  const sums = (of: readonly ColdSample[]): number[] => of.map(({ load, response }) => load[clock] + response[clock])
  const medians = { loadMs: median(loads(samples)), sumMs: median(sums(samples)) }
  if (baseline === undefined) return medians
  return {
    ...medians,
    loadRatio: medianRatio(loads(samples), loads(baseline)),
    sumRatio: medianRatio(sums(samples), sums(baseline)),
  }
}

function report(loads: readonly ColdLoad[]): void {
  printTable(
    `Cold load: medians of ${rounds} processes each, one of each function in turn`,
    ['', 'kB', 'load ms', '× baseline', 'with first answer', '× baseline', 'RSS MB'],
    loads.map((load): Cell[] => [
      load.name,
      (load.bytes / 1_000).toFixed(1),
      load.wall.loadMs.toFixed(1),
      load.wall.loadRatio?.toFixed(2) ?? '',
      load.wall.sumMs.toFixed(1),
      load.wall.sumRatio?.toFixed(2) ?? '',
      (load.rssBytes / 1_000_000).toFixed(1),
    ]),
  )
  console.log('')
  for (const {
    name,
    goal,
    bytes,
    wall: { loadRatio = NaN, sumRatio = NaN },
    cpu,
  } of loads) {
    if (goal === undefined) continue
    const reached = bytes <= goal.bytes && loadRatio <= goal.loadRatio && sumRatio <= 1
    console.log(
      `  ${name}: ${reached ? 'reached' : 'NOT reached'} (goal: ${goal.bytes / 1_000} kB, load ${goal.loadRatio} × its ` +
        `baseline, sum 1 ×); by CPU time, load ${ratio(cpu.loadRatio)} ×, sum ${ratio(cpu.sumRatio)} ×`,
    )
  }
  writeResult('cold-load', { rounds, loads })
}

function ratio(value = NaN): string {
  return value.toFixed(2)
}
