import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SecretValue } from '#shared/text/secret-value.ts'

const canary = 'Canary-7-Secret'
const secret = new SecretValue(canary)

/** What a console prints for `args`, without a terminal. */
function printed(...args: unknown[]): string {
  const chunks: string[] = []
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk.toString())
      done()
    },
  })
  new Console({ stdout }).log(...args)
  return chunks.join('')
}

describe('a secret value', () => {
  it('gives its text to whoever asks for it by name', () => {
    expect(secret.expose()).toBe(canary)
  })

  it.each([
    ['String()', () => String(secret)],
    ['toString()', () => secret.toString()],
    ['concatenation', () => [secret, ''].join('')],
    ['JSON.stringify', () => JSON.parse(JSON.stringify(secret)) as unknown],
    ['util.inspect', () => inspect(secret)],
    ['util.format %s', () => format('%s', secret)],
    ['console.log', () => printed(secret).trimEnd()],
  ])('is [redacted] to %s', (_, show) => {
    expect(show()).toBe('[redacted]')
  })

  it.each([
    [
      'an object that is inspected, hidden fields included',
      () => inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
    ],
    ['inspection without custom functions', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['an object that is serialised', () => JSON.stringify({ deep: [secret] })],
    ['%o', () => format('%o', secret)],
    ['%O', () => format('%O', secret)],
    ['%j', () => format('%j', secret)],
    ['%d', () => format('%d', secret)],
    ['console.log of an error that carries it', () => printed(Object.assign(new Error('failed'), { secret }))],
    ['its own property names', () => JSON.stringify(Object.getOwnPropertyNames(secret))],
    ['a copy of its properties', () => inspect(Object.assign({}, secret))],
    ['a structured clone', () => inspect(structuredClone(secret))],
  ])('does not come out through %s', (_, show) => {
    expect(show()).not.toContain(canary)
  })

  it('is not a string to the compiler, nor is a string a secret', () => {
    const takesSecret = (value: SecretValue): string => value.expose()
    const takesText = (value: string): string => typeof value

    // @ts-expect-error -- this is the test: a plain string must not pass for a secret
    expect(() => takesSecret(canary)).toThrow(TypeError)
    // @ts-expect-error -- this is the test: a secret must not pass for a plain string
    expect(takesText(secret)).toBe('object')
  })
})
