import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { functionNames } from '../../../infra/deploy/bundle/bundle.ts'
import { prepareColdFunctions, type ColdFunctions } from './cold-load-functions.ts'
import { takeColdSample } from './cold-load-sample.ts'

let folder: string
let functions: ColdFunctions

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-cold-load-'))
  functions = await prepareColdFunctions(folder)
}, 30_000)

afterAll(async () => {
  await functions.close()
  await rm(folder, { recursive: true })
})

async function moduleOf(name: string, text: string): Promise<URL> {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, text)
  return pathToFileURL(file)
}

describe('a cold load', () => {
  it.each(functionNames)('of the deployed %s succeeds in the environment that the benchmark gives it', async (name) => {
    const { module } = functions.ours[name]

    const sample = await takeColdSample(functions.ours[name])

    expect(sample.load.wallMs).toBeGreaterThan(0)
    expect(sample.response.wallMs > 0).toBe(functions.ours[name].event !== undefined)
    expect(sample.rssBytes).toBeGreaterThan(sample.bytes)
    expect(sample.bytes).toBe((await stat(module)).size)
  })

  it('of an unbundled function counts what it loads from packages', async () => {
    const sample = await takeColdSample(functions.baselines.app2)

    expect(sample.bytes).toBeGreaterThan(100_000)
  })

  it('times the import and the first answer apart', async () => {
    const wait = 'await new Promise((resolve) => setTimeout(resolve, 60))'
    const module = await moduleOf('slow', `${wait}\nexport const handler = async () => { ${wait}; return 'late' }`)

    const loaded = await takeColdSample({ module, environment: {} })
    const answered = await takeColdSample({
      module,
      environment: {},
      event: {},
      accepts: (answer) => answer === 'late',
    })

    expect(loaded.load.wallMs).toBeGreaterThan(50)
    expect(loaded.response).toEqual({ wallMs: 0, cpuMs: 0 })
    expect(answered.response.wallMs).toBeGreaterThan(50)
  })

  it('whose module cannot be loaded is refused with what the process said', async () => {
    const module = await moduleOf('broken', "throw new Error('no configuration')")

    await expect(takeColdSample({ module, environment: {} })).rejects.toThrow('no configuration')
  })

  it('with another answer than it should give is refused, however fast it was', async () => {
    const accepts = (): boolean => false

    await expect(takeColdSample({ ...functions.baselines.empty, accepts })).rejects.toThrow('"statusCode":200')
  })

  it('lends the function no variable of this process', async () => {
    const module = await moduleOf('environment', 'export const handler = async () => Object.keys(process.env)')

    const sample = takeColdSample({
      module,
      environment: { ONLY: 'this' },
      event: {},
      accepts: (answer) => JSON.stringify(answer) === '["ONLY"]',
    })

    await expect(sample).resolves.toHaveProperty('response')
  })
})
