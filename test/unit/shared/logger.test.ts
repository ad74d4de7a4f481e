import { describe, expect, it, vi } from 'vitest'
import { allowedFields, bindFields, createJsonLogger, pickAllowedFields, type LogFields } from '#shared/logger.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { recordingLogger } from '../../support/logger.ts'

const smuggled = { password: 'canary', code: { toString: () => 'canary' }, reason: new SecretValue('canary') }

describe('pickAllowedFields', () => {
  it('keeps every allowed scalar', () => {
    const fields = Object.fromEntries(
      allowedFields.map((field, index) => [field, [`v${index}`, index, true][index % 3]]),
    )

    expect(pickAllowedFields(fields)).toEqual(fields)
  })

  it('drops fields that are not on the list and values that are not scalars, whatever the types say', () => {
    expect(pickAllowedFields(smuggled as unknown as LogFields)).toEqual({})
  })

  it('drops what a field inherits', () => {
    expect(pickAllowedFields(Object.create({ reason: 'canary' }) as LogFields)).toEqual({})
  })

  it('cuts a string at 512 characters', () => {
    expect(pickAllowedFields({ reason: 'x'.repeat(512) })['reason']).toHaveLength(512)
    expect(pickAllowedFields({ reason: 'x'.repeat(513) })['reason']).toHaveLength(512)
  })
})

describe('bindFields', () => {
  it('adds the bound fields to every level, and the call has the last word', () => {
    const logger = recordingLogger()
    const bound = bindFields(logger, { request_id: 'r1', code: 'a' })

    bound.info('one')
    bound.warn('two', { code: 'b' })
    bound.error('three', { status: 500 })

    expect(logger.lines).toEqual([
      { level: 'info', message: 'one', request_id: 'r1', code: 'a' },
      { level: 'warn', message: 'two', request_id: 'r1', code: 'b' },
      { level: 'error', message: 'three', request_id: 'r1', code: 'a', status: 500 },
    ])
  })
})

describe('createJsonLogger', () => {
  const lineOf = (message: string, fields: LogFields, options: { now?: number; service?: string } = {}): unknown => {
    const lines: string[] = []
    const { now = 0, service = 's' } = options
    createJsonLogger({ service, now: () => now, write: (line) => lines.push(line) }).info(message, fields)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('\n')
    return JSON.parse(lines[0] ?? '') as unknown
  }

  it('writes one JSON object a line with the allowed fields alone', () => {
    const lines: string[] = []
    const logger = createJsonLogger({ service: 's', now: () => 0, write: (line) => lines.push(line) })

    logger.info('started')
    logger.warn('odd', { reason: 'r' })
    logger.error('failed', smuggled as unknown as LogFields)

    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'INFO', message: 'started', timestamp: '1970-01-01T00:00:00.000Z', service: 's' },
      { level: 'WARN', message: 'odd', timestamp: '1970-01-01T00:00:00.000Z', service: 's', reason: 'r' },
      { level: 'ERROR', message: 'failed', timestamp: '1970-01-01T00:00:00.000Z', service: 's' },
    ])
  })

  it('holds whatever a text may hold as one line of JSON, so that nobody can write a line of his own', () => {
    const text = '"},\n{"level":"INFO",\u2028\\\u0000é\ud800'

    expect(lineOf(text, { request_id: text, status: 7, outcome: true }, { service: text })).toEqual({
      level: 'INFO',
      message: text,
      timestamp: '1970-01-01T00:00:00.000Z',
      service: text,
      request_id: text,
      status: 7,
      outcome: true,
    })
  })

  it('tells the time of each line', () => {
    const now = Date.UTC(2024, 1, 29, 23, 59, 59, 999)

    expect(lineOf('m', {}, { now })).toMatchObject({ timestamp: '2024-02-29T23:59:59.999Z' })
  })
})

describe('createPowertoolsLogger', () => {
  it.each([
    ['info', 'INFO'],
    ['warn', 'WARN'],
    ['error', 'ERROR'],
  ] as const)('%s prints the allowed fields alone', (method, level) => {
    vi.stubEnv('POWERTOOLS_DEV', 'true')
    const printed: string[] = []
    for (const name of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, name).mockImplementation((text: string) => void printed.push(text))
    }
    const logger = createPowertoolsLogger('svc')

    logger[method]('sentence', { sub: 'abc', ...smuggled } as unknown as LogFields)
    logger[method]('bare')

    expect(JSON.parse(printed[0] ?? '')).toMatchObject({ level, message: 'sentence', service: 'svc', sub: 'abc' })
    expect(printed).toHaveLength(2)
    expect(printed.join()).not.toContain('canary')
  })
})
