import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LoadResult } from './result.ts'
import { usage } from './options.ts'

const command = fileURLToPath(new URL('./main.ts', import.meta.url))

function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...args], { env: { ...process.env, NO_COLOR: '1' } })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
    child.on('close', (code) => {
      resolve({ code, ...output })
    })
  })
}

describe('npm run bench:load', () => {
  it(
    'creates users through the pair under faults, counts them in the pool and ends with 0',
    { timeout: 60_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'latchkey-load-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const file = join(folder, 'result.json')

      const { code, stdout } = await run('--count', '30', '--concurrency', '10', '--fault-rate', '0.2', '--json', file)
      const result = JSON.parse(await readFile(file, 'utf8')) as LoadResult

      expect({ code, stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('No user incomplete') as string,
      })
      expect(result).toMatchObject({
        passed: true,
        created_once: 30,
        refused_finally: {},
        half_made: 0,
        lost: 0,
        doubled: 0,
      })
      expect(result.aws_failed_calls).toBeGreaterThan(0)
      expect(result.requests).toBeGreaterThanOrEqual(30)
      expect(result.memory.samples.map(({ percent }) => percent)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
      expect(result.memory.samples.every((sample) => sample.held_heap_bytes > 0)).toBe(true)
    },
  )

  it('shows its usage with --help and ends with 0', async () => {
    expect(await run('--help')).toEqual({ code: 0, stdout: `${usage}\n`, stderr: '' })
  })

  it('ends with 2 and says what is wrong with a value', async () => {
    const { code, stdout, stderr } = await run('--count', '0')

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`--count must be a whole number, 1 to 1000000.\n\n${usage}\n`)
  })

  it('ends with 2 before it starts anything when the JSON file cannot be written', async () => {
    const { code, stdout, stderr } = await run('--json', join(tmpdir(), 'latchkey-no-such-folder', 'out.json'))

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--json names a file that cannot be written.')
  })
})
