import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

function run(...args: string[]): { status: number | null; stderr: string } {
  const script = fileURLToPath(new URL('./run.ts', import.meta.url))
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
}

describe('npm run test:contract', () => {
  it.each([
    { args: ['--endpont', 'x'], why: /There is no such option/ },
    { args: ['--endpoint', 'not a url'], why: /--endpoint is not an http\(s\) URL/ },
    { args: ['--endpoint', 'ftp://127.0.0.1/'], why: /--endpoint is not an http\(s\) URL/ },
    { args: ['--endpoint', 'http://192.0.2.1:4566'], why: /--endpoint is not this machine/ },
    { args: ['--endpoint', 'http://127.0.0.1:1', '--implementation', 'other'], why: /can only be moto or ministack/ },
    { args: ['--implementation', 'moto'], why: /--implementation needs an --endpoint/ },
  ])('$args, which is bad usage, ends with 2 and says why', ({ args, why }) => {
    const { status, stderr } = run(...args)

    expect(status).toBe(2)
    expect(stderr).toMatch(why)
    expect(stderr).toContain('Usage: npm run test:contract')
  })
})
