import { describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { readRegion } from '#infra/cli/app1-options.ts'
import { readCommand } from '#infra/cli/users/config.ts'

const deployed = 'https://abc123.execute-api.eu-west-1.amazonaws.com'
const read = (...args: string[]) => readCommand([...args, '--url', deployed])
const at = (url: string, ...args: string[]) => readCommand(['show', 'orders', '--url', url, ...args])
const create = (...args: string[]) => read('create', 'orders', '--human', 'alice', ...args)

const reader = 'arn:aws:iam::123456789012:role/reader'
const badName = (what: string) =>
  `${what} must be 1 to 128 letters, digits, dots, underscores or hyphens, and begin with a letter or digit.`
const badKey = '--idempotency-key must be 1 to 255 visible ASCII characters.'

describe('readCommand', () => {
  it('reads a whole command, the Region from the URL', () => {
    expect(create('--idempotency-key', 'k-1', '--json')).toEqual({
      action: 'create',
      url: new URL(deployed),
      region: 'eu-west-1',
      username: 'orders',
      group: '',
      humanUserId: 'alice',
      idempotencyKey: 'k-1',
      generateFor: undefined,
      prefix: undefined,
      limit: Infinity,
      force: false,
      yes: false,
      json: true,
    })
  })

  it.each([
    ['abc123.execute-api.eu-west-1.api.aws', 'eu-west-1'],
    ['api.example.com', undefined],
  ])('of the host %s has the Region %s, unless --region says another', (host, region) => {
    expect(at(`https://${host}`)).toMatchObject({ region })
    expect(at(`https://${host}`, '--region', 'us-west-2')).toMatchObject({ region: 'us-west-2' })
  })

  it('refuses a Region that is none, wherever it comes from', () => {
    expect(readRegion('ap-southeast-4')).toBe('ap-southeast-4')
    expect(() => readRegion('cn-north-1')).toThrow(new UsageError('--region is no Region.'))
    expect(() => readRegion(undefined)).toThrow(
      new UsageError('--region is missing: neither the URL nor the AWS configuration names one.'),
    )
  })

  it('asks for nothing else beside --help', () => {
    expect(readCommand(['--help'])).toBeUndefined()
  })

  it.each<[string, () => unknown, string]>([
    ['no command', () => readCommand([]), 'The command is one of: create, show, list, disable, '],
    ['another command', () => read('toString', 'orders'), 'The command is one of: create, '],
    ['no URL', () => readCommand(['show', 'orders']), '--url is missing.'],
    ['a URL that may not be', () => at('http://example.com'), '--url must be https: a request can hold a password.'],
    ['no name', () => read('show'), 'Usage: show NAME'],
    ['two names', () => read('disable', 'a', 'b'), 'Usage: disable NAME'],
    ['no group', () => read('add-to-group', 'a'), 'Usage: add-to-group NAME GROUP'],
    ['a name that is a path', () => read('show', '..'), badName('NAME')],
    ['a group that is a path', () => read('remove-from-group', 'a', '..'), badName('GROUP')],
    ['no human', () => read('create', 'orders'), '--human is missing, and LATCHKEY_HUMAN_TOKEN is not set'],
    ['a human with a blank', () => read('create', 'a', '--human', 'a b'), '--human must be 1 to 256 visible ASCII'],
    ['an option of another command', () => read('disable', 'a', '--yes'), 'disable takes no --yes.'],
    ['another option of another command', () => create('--limit', '5'), 'create takes no --limit.'],
    ['a limit of none', () => read('list', '--limit', '0'), '--limit must be a whole number from 1 on.'],
    ['a prefix that no name has', () => read('list', '--prefix', '-'), badName('--prefix')],
    ['a Region that is none', () => at(deployed, '--region', 'x'), '--region is no Region.'],
    ['a key with a blank', () => create('--idempotency-key', 'a b'), badKey],
    [
      'a reader that is no role',
      () => create('--generate-for', 'arn:aws:iam::1:role/*'),
      '--generate-for must be the ARN',
    ],
    ['a reader of no password', () => read('enable', 'a', '--generate-for', reader), 'enable takes no --generate-for.'],
    ['an empty key', () => create('--idempotency-key', ''), badKey],
  ])('%s is wrong usage', (_, run, message) => {
    expect(run).toThrow(UsageError)
    expect(run).toThrow(message)
  })

  it.each<[string, number, (text: string) => unknown]>([
    ['NAME', 128, (text) => read('show', text)],
    ['--human', 256, (text) => read('create', 'a', '--human', text)],
    ['--idempotency-key', 255, (text) => create('--idempotency-key', text)],
  ])('%s of %i characters passes and one more is refused', (_, longest, run) => {
    expect(() => run('x'.repeat(longest))).not.toThrow()
    expect(() => run('x'.repeat(longest + 1))).toThrow(UsageError)
  })
})
