import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

const sources = ['shared', 'services'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
)

const filesWith = (pattern: RegExp): string[] =>
  sources.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8'))).sort()

// test/unit/services/unrepeated-calls.test.ts makes the calls that there are; this finds one that is added.
describe('every call that is not repeated has a connection of its own:', () => {
  it('attempts of an SDK client are counted in one file alone', () => {
    expect(filesWith(/\bmaxAttempts\b/)).toEqual(['shared/aws-client-options.ts'])
  })

  it('every file that sends a request by `fetch` says so in a header', () => {
    const senders = filesWith(/\bfetch\w*\([\w.]+, \{/)

    expect(senders).toHaveLength(3)
    expect(senders).toEqual(filesWith(/\.\.\.unrepeatedRequestHeaders|headers: unrepeatedRequestHeaders/))
  })
})
