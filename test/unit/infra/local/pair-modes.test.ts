import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { authorizerTtlSeconds, choosePairModes } from '#infra/local/pair-modes.ts'

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
    expect(choosePairModes({})).toEqual({
      machineAuth: 'password',
      accepted: ['password'],
      app2Authorizer: 'lambda',
      lifeCycle: true,
      passwordReaders: [],
      jobs: false,
      stsTokenPerRequest: false,
      stsFunctionCheck: false,
    })
  })

  it('a second mode is accepted beside the first', () => {
    const moving = choosePairModes({ machineAuth: 'password', machineAuthAlso: 'client-credentials' })

    expect(moving.accepted).toEqual(['password', 'client-credentials'])
  })

  it('what a deployment would refuse is refused here, in the same words', () => {
    const options = { machineAuth: 'sigv4', machineAuthAlso: 'password' } as const

    expect(() => choosePairModes(options)).toThrow(RangeError)
    expect(() => choosePairModes(options)).toThrow('sigv4 goes with no second mode')
  })
})
