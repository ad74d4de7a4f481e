import { describe, expect, it } from 'vitest'
import { readBatchResponse } from '../../triggers/batch-response.ts'

const messageIds = new Set(['a', 'b', 'c'])

const naming = (...failures: unknown[]) => ({ batchItemFailures: failures })
const badItem = 'an itemIdentifier is missing or empty'
const noResponse = 'the answer is no batch response'

// services-sqs-errorhandling.html, "Success and failure conditions".
describe('the answer to a batch', () => {
  it.each<[string, unknown]>([
    ['an empty list', naming()],
    ['a null list', { batchItemFailures: null }],
    ['an empty answer', {}],
    ['a null answer', null],
    ['an answer about something else', { statusCode: 200 }],
  ])('%s: none failed', (_what, answer) => {
    expect(readBatchResponse(answer, messageIds)).toEqual({ failed: 'none' })
  })

  it.each<[string, unknown, string[]]>([
    ['one message', naming({ itemIdentifier: 'b' }), ['b']],
    ['all messages', naming(...[...messageIds].map((itemIdentifier) => ({ itemIdentifier }))), ['a', 'b', 'c']],
    ['one message twice', naming({ itemIdentifier: 'b' }, { itemIdentifier: 'b' }), ['b']],
    ['a message and a reason', naming({ itemIdentifier: 'b', reason: 'x' }), ['b']],
  ])('%s: those failed', (_what, answer, failed) => {
    expect(readBatchResponse(answer, messageIds)).toEqual({ failed: 'some', messageIds: new Set(failed) })
  })

  it.each<[string, unknown, string]>([
    ['an empty itemIdentifier', naming({ itemIdentifier: 'a' }, { itemIdentifier: '' }), badItem],
    ['a null itemIdentifier', naming({ itemIdentifier: null }), badItem],
    ['another key', naming({ messageId: 'a' }), badItem],
    ['a bare id', naming('a'), badItem],
    [
      'an id of no message',
      naming({ itemIdentifier: 'a' }, { itemIdentifier: 'd' }),
      'an itemIdentifier is of no message',
    ],
    ['a list of another type', { batchItemFailures: 'a' }, noResponse],
    ['a text', 'a', noResponse],
    ['a list', [{ itemIdentifier: 'a' }], noResponse],
  ])('%s: all failed', (_what, answer, reason) => {
    expect(readBatchResponse(answer, messageIds)).toEqual({ failed: 'all', reason })
  })
})
