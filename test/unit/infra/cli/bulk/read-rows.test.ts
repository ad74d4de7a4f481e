import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRows } from '#infra/cli/bulk/read-rows.ts'
import { UsageError } from '#infra/cli/command-line.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulk-'))
})
afterAll(() => rm(folder, { recursive: true }))

const password = 'Canary-Pass-Word-1'
const reader = 'arn:aws:iam::123456789012:role/reader'
const head = 'username,human_user_id,password\n'

async function read(text: string | Buffer, generateFor?: string) {
  const path = join(folder, 'users.csv')
  await writeFile(path, text)
  const { rows, problems } = await readRows(path, { generateFor })
  return {
    rows: rows.map(({ password: given, ...row }) => ({
      ...row,
      password: given instanceof SecretValue ? given.expose() : given,
    })),
    problems: problems.map(({ line, detail }) => `line ${line}: ${detail}`),
  }
}

const row = (line: number, username: string, given: unknown = password) => ({
  line,
  username,
  humanUserId: 'alice',
  password: given,
})

describe('a CSV file', () => {
  it.each<[string, string | Buffer, readonly object[]]>([
    ['with line feeds', `${head}a,alice,${password}\nb,alice,${password}`, [row(2, 'a'), row(3, 'b')]],
    [
      'of a spreadsheet: a byte order mark, CRLF, empty lines and lines of commas',
      `\ufeff${head.replace('\n', '\r\n')}a,alice,${password}\r\n\r\n,,\r\nb,alice,${password}\r\n`,
      [row(2, 'a'), row(5, 'b')],
    ],
    [
      'with quotes, doubled quotes and commas in them',
      `"username","human_user_id",password\n"a",alice,"Aa1-""quoted"",123"\n`,
      [row(2, 'a', 'Aa1-"quoted",123')],
    ],
    ['with its columns in another order', `password,username,human_user_id\n${password},a,alice\n`, [row(2, 'a')]],
    ['of failed rows', `code,username,human_user_id,password,reason\nc,a,alice,${password},r\n`, [row(2, 'a')]],
    ['with upper case in a name', `${head}Orders,alice,${password}\n`, [row(2, 'orders')]],
    ['with UTF-16', Buffer.from(`\ufeff${head}a,alice,${password}\n`, 'utf16le'), [row(2, 'a')]],
  ])('%s is read', async (_, text, rows) => {
    expect(await read(text)).toEqual({ rows, problems: [] })
  })

  it.each([
    ['username,human_user_id\na,alice\n', { deliverTo: reader }],
    [`${head}a,alice,\n`, { deliverTo: reader }],
    [`${head}a,alice,${password}\n`, password],
  ])('%j with --generate-for has the password %j', async (text, given) => {
    expect(await read(text, reader)).toEqual({ rows: [row(2, 'a', given)], problems: [] })
  })

  it.each<[string, string | Buffer, readonly string[]]>([
    ['nothing', '', ['line 1: is the end: there are no users']],
    ['no rows', head, ['line 1: is the end: there are no users']],
    [
      'no header',
      `a,alice,${password}\n`,
      ['line 1: must name columns, and no others than username, human_user_id, password'],
    ],
    [
      'another column',
      'username,human_user_id,password,Passwort\n',
      ['line 1: must name columns, and no others than username, human_user_id, password'],
    ],
    ['a column twice', 'username,username,human_user_id,password\n', ['line 1: names a column twice']],
    [
      'columns that are missing',
      'username\na\n',
      [
        'line 1: does not name the column human_user_id and password; human_user_id may be absent where LATCHKEY_HUMAN_TOKEN has a token of the human',
      ],
    ],
    ['its header twice', `${head}a,alice,${password}\n${head}`, ['line 3: is the first line again']],
    [
      'a name twice, in whatever case',
      `${head}a,alice,${password}\nb,alice,${password}\nA,alice,weak\n`,
      [
        ...['at least 12 characters', 'an upper-case', 'a digit', 'a symbol'].map(
          (rule) => expect.stringContaining(rule) as string,
        ),
        'line 4: username is that of line 2 again',
      ],
    ],
    [
      'fields too few and too many',
      `${head}a,alice\nb,alice,${password},x\n`,
      ['line 2: has 2 field(s), and the first line 3', 'line 3: has 4 field(s), and the first line 3'],
    ],
    [
      'a line break in a field, which the next line is counted behind',
      `${head}"a\n",alice,${password}\nb,,${password}\n`,
      [
        expect.stringContaining('line 2: username must be 1 to 128') as string,
        'line 4: human_user_id must be 1 to 256 visible ASCII characters',
      ],
    ],
    ['no password', `${head}a,alice,\n`, ['line 2: password is missing']],
    [
      'a name that is reserved, and a person that is none',
      `${head}latchkey-machine-1,a b,${password}\n`,
      [
        'line 2: username must not begin with a reserved prefix',
        'line 2: human_user_id must be 1 to 256 visible ASCII characters',
      ],
    ],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from(`${head}a,alice,${password}`), Buffer.from([0xff, 0x0a])]),
      ['line 2: password must not hold U+FFFD, which stands for lost bytes'],
    ],
    [
      'a quotation without an end',
      `${head}a,alice,"${password}\nb,alice,${password}\n`,
      ['line 3: is the end of the file, inside a quotation that begins there or further up'],
    ],
    [
      'a quotation mark inside a field',
      `${head}a,alice,${password}"x"\n`,
      ['line 2: has a quotation mark inside a field: the field must be quoted, and the mark doubled'],
    ],
    [
      'text behind a quotation',
      `${head}a,alice,"${password}"x\n`,
      ['line 2: has text behind the end of a quotation: a mark inside must be doubled'],
    ],
    [
      'a line without end',
      `${head}a,alice,${'x'.repeat(20_000)}\n`,
      ['line 2: is longer than 16384 bytes, or ends a quotation that is: a mark inside must be doubled'],
    ],
  ])('with %s is refused by lines, and nothing of it is repeated', async (_, text, problems) => {
    const found = (await read(text)).problems

    expect(found).toEqual(problems)
    expect(found.join()).not.toContain('Canary')
  })

  it.each([
    ['absent.csv', 'ENOENT'],
    ['.', 'EISDIR'],
  ])('%s cannot be read', async (name, code) => {
    await expect(readRows(join(folder, name), { generateFor: undefined })).rejects.toThrow(
      new UsageError(`The CSV file cannot be read: ${code}.`),
    )
  })
})
