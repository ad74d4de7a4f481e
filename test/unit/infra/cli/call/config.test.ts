import { describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { readCommand, readRegion } from '#infra/cli/call/config.ts'

const deployed = 'https://abc123.execute-api.eu-west-1.amazonaws.com'
const read = (...args: string[]) => readCommand(args)
const full = (url: string, ...more: string[]) => read('--url', url, '--user', 'orders', '--human', 'alice', ...more)

const moreThanAPath = '--url is an address with a path at most: no user, no query, no fragment.'
const noKey = '--idempotency-key must be 1 to 255 visible ASCII characters.'

describe('readCommand', () => {
  it('a whole command is read, the Region from the URL', () => {
    const command = full(deployed)

    expect(command).toEqual({
      kind: 'call',
      url: new URL(`${deployed}/create-service-user`),
      region: 'eu-west-1',
      username: 'orders',
      humanUserId: 'alice',
      idempotencyKey: undefined,
      format: 'text',
    })
  })

  it.each([
    [`${deployed}/`, `${deployed}/create-service-user`],
    [`${deployed}/create-service-user`, `${deployed}/create-service-user`],
    [`${deployed}/base`, `${deployed}/base/create-service-user`],
    [`${deployed}/create-service-user/`, `${deployed}/create-service-user`],
    [`${deployed}//create-service-user//`, `${deployed}/create-service-user`],
    [`${deployed}//`, `${deployed}/create-service-user`],
    [`${deployed}/base//`, `${deployed}/base/create-service-user`],
  ])('the address %s is called at %s', (url, href) => {
    expect(full(url)).toMatchObject({ url: new URL(href) })
  })

  it('every option has its place, and --region comes before the URL’s', () => {
    const command = full(deployed, '--region', 'us-east-1', '--idempotency-key', 'k-1', '--json')

    expect(command).toMatchObject({ region: 'us-east-1', idempotencyKey: 'k-1', format: 'json' })
  })

  it.each(['http://127.0.0.1:4001', 'http://localhost:4001', 'http://[::1]:4001'])(
    '%s is this machine, where http is enough',
    (url) => {
      expect(full(url, '--region', 'us-east-1')).toMatchObject({ region: 'us-east-1' })
    },
  )

  it.each([
    ['abc123.execute-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['abc123.execute-api.eu-west-1.api.aws', 'eu-west-1'],
    ['127.0.0.1', undefined],
    ['api.example.com', undefined],
    ['abc.execute-api.cn-north-1.amazonaws.com.cn', undefined],
    ['abc.execute-api.eu-west-1.amazonaws.com.example.com', undefined],
  ])('the host %s names the Region %s', (host, region) => {
    expect(full(`https://${host}`)).toMatchObject({ region })
  })

  it('a Region that is none is refused, wherever it comes from', () => {
    expect(readRegion('ap-southeast-4')).toBe('ap-southeast-4')
    expect(() => readRegion('cn-north-1')).toThrow(new UsageError('--region is no Region.'))
    expect(() => readRegion(undefined)).toThrow(
      new UsageError('--region is missing: neither the URL nor the AWS configuration names one.'),
    )
  })

  it('--help asks for nothing else', () => {
    expect(read('--help')).toEqual({ kind: 'help' })
  })

  it.each<[string, () => unknown, string]>([
    ['no URL', () => read('--user', 'a', '--human', 'b'), '--url is missing.'],
    ['no user', () => read('--url', deployed, '--human', 'b'), '--user is missing.'],
    ['no human', () => read('--url', deployed, '--user', 'a'), '--human is missing.'],
    ['http to elsewhere', () => full('http://example.com'), '--url must be https: the request holds a password.'],
    ['another scheme', () => full('ftp://127.0.0.1'), '--url must be https: the request holds a password.'],
    ['no URL at all', () => full('example'), '--url is no address: it begins with https://.'],
    ['a user in the URL', () => full('https://a@example.com'), moreThanAPath],
    ['a password in the URL', () => full('https://:a@example.com'), moreThanAPath],
    ['a query', () => full(`${deployed}?a=1`), moreThanAPath],
    ['a fragment', () => full(`${deployed}#a`), moreThanAPath],
    ['a Region that is none', () => full(deployed, '--region', 'x'), '--region is no Region.'],
    ['a key with a blank', () => full(deployed, '--idempotency-key', 'a b'), noKey],
    ['an empty key', () => full(deployed, '--idempotency-key', ''), noKey],
  ])('%s is wrong usage', (_, run, message) => {
    expect(run).toThrow(new UsageError(message))
  })

  it.each([
    ['--user', 128],
    ['--human', 256],
    ['--idempotency-key', 255],
  ])('%s of %i characters passes and one more is refused', (option, longest) => {
    const run = (length: number) => full(deployed, option, 'x'.repeat(length))

    expect(run(longest).kind).toBe('call')
    expect(() => run(longest + 1)).toThrow(
      new UsageError(`${option} must be 1 to ${longest} visible ASCII characters.`),
    )
  })
})
