import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { authorizerTtlSeconds, choosePairModes, type PairModeOptions } from '#infra/local/pair-modes.ts'

describe('the authorizer’s cache', () => {
  it('keeps a decision for as long as serverless.yml says', () => {
    const schema = z.object({ params: z.object({ default: z.object({ authorizerTtlSeconds: z.number() }) }) })
    const text = readFileSync(new URL('../../../../serverless.yml', import.meta.url), 'utf8')

    expect(schema.parse(parse(text, { logLevel: 'error' })).params.default.authorizerTtlSeconds).toBe(
      authorizerTtlSeconds,
    )
  })
})

describe('choosePairModes', () => {
  it('without options it is the password mode behind our own authorizer', () => {
    expect(choosePairModes({})).toEqual({ machineAuth: 'password', accepted: ['password'], app2Authorizer: 'lambda' })
  })

  it('a second mode is accepted beside the first', () => {
    const moving = choosePairModes({ machineAuth: 'password', machineAuthAlso: 'client-credentials' })

    expect(moving.accepted).toEqual(['password', 'client-credentials'])
  })

  it.each<[PairModeOptions, string]>([
    [{ machineAuth: 'sigv4', machineAuthAlso: 'password' }, 'sigv4 goes with no second mode'],
    [{ machineAuth: 'client-token', machineAuthAlso: 'sigv4' }, 'sigv4 goes with no second mode'],
    [{ machineAuth: 'client-token', machineAuthAlso: 'client-credentials' }, 'two settings of one app client'],
    [{ machineAuth: 'password', machineAuthAlso: 'password' }, 'names the same mode'],
    [{ app2Authorizer: 'cognito' }, 'knows scopes alone'],
    [{ machineAuth: 'sigv4', app2Authorizer: 'cognito' }, 'knows scopes alone'],
    [{ machineAuth: 'client-token', machineAuthAlso: 'password', app2Authorizer: 'cognito' }, 'knows scopes alone'],
  ])('%j is refused, as a deployment of it would be: %s', (options, reason) => {
    expect(() => choosePairModes(options)).toThrow(RangeError)
    expect(() => choosePairModes(options)).toThrow(reason)
  })
})
