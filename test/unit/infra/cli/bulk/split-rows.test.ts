import { expect, it } from 'vitest'
import { mostEventBytes, splitRows, toRequestRow } from '#infra/cli/bulk/split-rows.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const row = (password = 'Correct-Horse-7-Battery') => ({
  line: 2,
  username: 'orders',
  humanUserId: 'alice',
  password: new SecretValue(password),
})
const bytesOf = (one: ReturnType<typeof row>): number =>
  Buffer.byteLength(JSON.stringify(JSON.stringify(toRequestRow(one))))

it.each([
  [0, []],
  [2, [2]],
  [3, [3]],
  [4, [3, 1]],
  [7, [3, 3, 1]],
])('%i rows, three a request, are %j', (count, sizes) => {
  const rows = Array.from({ length: count }, () => row())

  expect(splitRows(rows, { mostRows: 3 }).map((part) => part.length)).toEqual(sizes)
})

it('a request is as large as it may be, and not a byte larger', () => {
  const rows = Array.from({ length: 4 }, () => row())
  const two = 2 * bytesOf(row())

  expect(splitRows(rows, { mostRows: 9, mostBytes: two }).map((part) => part.length)).toEqual([2, 2])
  expect(splitRows(rows, { mostRows: 9, mostBytes: two - 1 }).map((part) => part.length)).toEqual([1, 1, 1, 1])
})

it('the longest passwords, of quotation marks, stay below what Lambda takes of an event', () => {
  const rows = Array.from({ length: 10_000 }, () => row('"'.repeat(256)))

  const parts = splitRows(rows, { mostRows: 10_000 })

  expect(parts.length).toBeGreaterThan(1)
  for (const part of parts) {
    const event = JSON.stringify({ body: JSON.stringify({ rows: part.map(toRequestRow) }) })
    expect(Buffer.byteLength(event)).toBeLessThan(mostEventBytes + 1_000)
  }
})
