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
})

describe('the request in a line of createJsonLogger', () => {
  const requestIn = (requestId: string | undefined): unknown => {
    const lines: string[] = []
    createJsonLogger({ service: 's', now: () => 0, write: (line) => lines.push(line) }).info('served', {}, requestId)
    expect(lines[0]).not.toContain('\n')
    return (JSON.parse(lines[0] ?? '') as { request_id?: unknown }).request_id
  }

  it.each([
    '8f3c5c0a-1111-4222-8333-000000000000',
    'a"b',
    'a\\b',
    '',
    ' ~!#[]',
    'a\nb',
    '\u001f',
    '\u007f',
    '\u2028',
    '\ud800',
  ])('is %j as it came', (requestId) => {
    expect(requestIn(requestId)).toBe(requestId)
  })

  it('is cut like any other text, and absent outside Lambda', () => {
    expect(requestIn('x'.repeat(600))).toBe('x'.repeat(512))
    expect(requestIn(undefined)).toBeUndefined()
  })

  it('stands beside the fields, which are kept for the next line, while it is not', () => {
    const lines: string[] = []
    const logger = createJsonLogger({ service: 's', now: () => 0, write: (line) => lines.push(line) })
    const fields = Object.freeze({ sub: 'a' })

    for (const requestId of ['request-1', 'request-2', undefined]) logger.warn('served', fields, requestId)

    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { message: 'served', request_id: 'request-1', sub: 'a' },
      { message: 'served', request_id: 'request-2', sub: 'a' },
      { message: 'served', sub: 'a' },
    ])
  })

  it('has the sentence of its own line, whichever came before', () => {
    const lines: string[] = []
    const logger = createJsonLogger({ service: 's', now: () => 0, write: (line) => lines.push(line) })

    for (const message of ['', 'one', 'one', 'two', '', 'one']) logger.info(message)
    logger.error('one')

    const written = lines.map((line) => JSON.parse(line) as { level: string; message: string })
    expect(written.map(({ level, message }) => [level, message])).toEqual([
      ...['', 'one', 'one', 'two', '', 'one'].map((message) => ['INFO', message]),
      ['ERROR', 'one'],
    ])
  })
})

describe('the lines of createJsonLogger', () => {
  const lineOf = (message: string, fields: LogFields, options: { now?: number; service?: string } = {}): unknown => {
    const lines: string[] = []
    const { now = 0, service = 's' } = options
    createJsonLogger({ service, now: () => now, write: (line) => lines.push(line) }).info(message, fields)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('\n')
    return JSON.parse(lines[0] ?? '') as unknown
  }

  it('hold whatever a text may hold as one line of JSON, so that nobody can write a line of his own', () => {
    const text = '"},\n{"level":"INFO",\u2028\\\u0000é\ud800'

    expect(lineOf(text, { reason: text, status: 7, outcome: true }, { service: text })).toEqual({
      level: 'INFO',
      message: text,
      timestamp: '1970-01-01T00:00:00.000Z',
      service: text,
      reason: text,
      status: 7,
      outcome: true,
    })
  })

  it.each([0, 7, 70, 700, 999, 1_000, 59_999, Date.UTC(2024, 1, 29, 23, 59, 59, 999), -1, 1_500.7])(
    'tell the time as a Date does: %d',
    (now) => {
      expect(lineOf('m', {}, { now })).toMatchObject({ timestamp: new Date(now).toISOString() })
    },
  )

  it('tell the time of each line, within a second and over its end and back', () => {
    const times = [1_000, 1_001, 1_999, 2_000, 1_000]
    const lines: string[] = []
    const left = [...times]
    const logger = createJsonLogger({ service: 's', now: () => left.shift() ?? 0, write: (line) => lines.push(line) })

    times.forEach(() => {
      logger.info('m')
    })

    const told = lines.map((line) => (JSON.parse(line) as { timestamp: string }).timestamp)
    expect(told).toEqual(times.map((time) => new Date(time).toISOString()))
  })

  it('of frozen fields are the same but for the time; of others they follow each change', () => {
    const lines: string[] = []
    let time = 0
    const logger = createJsonLogger({ service: 's', now: () => (time += 1), write: (line) => lines.push(line) })
    const frozen = Object.freeze({ ...smuggled, sub: 'frozen' } as unknown as LogFields)
    const changing: { sub: string } = { sub: 'first' }

    logger.info('m', frozen)
    logger.warn('n', frozen)
    logger.info('m', changing)
    changing.sub = 'second'
    logger.info('m', changing)

    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 'INFO', message: 'm', timestamp: '1970-01-01T00:00:00.001Z', service: 's', sub: 'frozen' },
      { level: 'WARN', message: 'n', timestamp: '1970-01-01T00:00:00.002Z', service: 's', sub: 'frozen' },
      { level: 'INFO', message: 'm', timestamp: '1970-01-01T00:00:00.003Z', service: 's', sub: 'first' },
      { level: 'INFO', message: 'm', timestamp: '1970-01-01T00:00:00.004Z', service: 's', sub: 'second' },
    ])
  })

  it('hold the allowed fields alone, cut at 512 characters', () => {
    const fields = { ...smuggled, sub: 'x'.repeat(513), request_id: undefined, constructor: 'canary' }

    const line = lineOf('m', fields as unknown as LogFields)

    expect(line).toEqual({
      level: 'INFO',
      message: 'm',
      timestamp: '1970-01-01T00:00:00.000Z',
      service: 's',
      sub: 'x'.repeat(512),
    })
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
