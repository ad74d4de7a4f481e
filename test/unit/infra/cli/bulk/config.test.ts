import { describe, expect, it } from 'vitest'
import { readCommand } from '#infra/cli/bulk/config.ts'
import { UsageError } from '#infra/cli/command-line.ts'

const url = 'https://abc123.execute-api.eu-west-1.amazonaws.com'
const read = (...args: string[]) => readCommand([...args, '--url', url])
const id = 'pGWd6pVJ2c5WnV8M4sSl2A'
const reader = 'arn:aws:iam::123456789012:role/reader'
const asked = {
  url: new URL(url),
  region: 'eu-west-1',
  dryRun: false,
  generateFor: undefined,
  failedPath: 'failed.csv',
  json: false,
}

describe('npm run bulk', () => {
  it.each([
    [['users.csv'], { source: { kind: 'file', path: 'users.csv' } }],
    [['in/users.csv'], { source: { kind: 'file', path: 'in/users.csv' }, failedPath: 'in/failed.csv' }],
    [
      ['u.csv', '--dry-run', '--generate-for', reader, '--failed', 'x', '--json', '--region', 'us-west-2'],
      {
        source: { kind: 'file', path: 'u.csv' },
        region: 'us-west-2',
        dryRun: true,
        generateFor: reader,
        failedPath: 'x',
        json: true,
      },
    ],
    [['--job', id, '--job', id], { source: { kind: 'jobs', ids: [id] } }],
  ])('%j is read', (args, command) => {
    expect(read(...args)).toEqual({ ...asked, ...command })
  })

  it.each<[string, readonly string[], string]>([
    ['nothing', [], 'The command takes one CSV file, or jobs by --job.'],
    ['two files', ['a.csv', 'b.csv'], 'The command takes one CSV file, or jobs by --job.'],
    ['a file and a job', ['a.csv', '--job', id], 'The command takes one CSV file, or jobs by --job.'],
    ['an id that is none', ['--job', '../x'], '--job is no id of a job.'],
    ['a dry run of a job', ['--job', id, '--dry-run'], '--job takes no --dry-run'],
    ['passwords for a job', ['--job', id, '--generate-for', reader], '--job takes no --dry-run'],
    ['a reader that is no role', ['a.csv', '--generate-for', '*'], '--generate-for must be the ARN'],
    ['the file for the failed rows', ['./failed.csv'], 'The rows that fail would be written over the CSV file.'],
    ['another option', ['a.csv', '--password', 'p'], 'There is no such option'],
  ])('with %s is wrong usage', (_, args, message) => {
    expect(() => read(...args)).toThrow(UsageError)
    expect(() => read(...args)).toThrow(message)
  })

  it('asks for nothing else beside --help', () => {
    expect(readCommand(['--help'])).toBeUndefined()
    expect(() => readCommand(['a.csv'])).toThrow('--url is missing.')
  })
})
