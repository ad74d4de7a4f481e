import { describe, expect, it } from 'vitest'
import { readArgs, UsageError } from '#infra/cli/command-line.ts'
import { authOption, checkJobs, readAuth, readEndpoint, readPort } from '#infra/local/start-options.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'

describe('a port of npm start', () => {
  const read = (text: string | undefined): number =>
    readPort({ PORT_APP1: text }, { name: 'PORT_APP1', standard: 4001 })

  it.each([
    [undefined, 4001],
    ['', 4001],
    ['0', 0],
    ['65535', 65_535],
  ])('%j is %i', (text, port) => {
    expect(read(text)).toBe(port)
  })

  it.each(['-1', '65536', '40.5', '0x10', '1e3', ' ', 'x'])('%s is refused by name', (text) => {
    expect(() => read(text)).toThrow(new UsageError('PORT_APP1 must be a port number, 0 to 65535.'))
  })
})

describe('the endpoint of npm start', () => {
  const read = (text: string | undefined, allowRemote = false, machineAuth: MachineAuth = 'password') =>
    readEndpoint({ AWS_ENDPOINT_URL: text }, { allowRemote, machineAuth })

  it.each([undefined, ''])('%j means local AWS', (text) => {
    expect(read(text)).toBeUndefined()
  })

  it.each(['http://127.0.0.1:5000', 'http://localhost:5000/', 'http://[::1]:5000'])('%s is taken', (text) => {
    expect(read(text)).toBe(text.replace(/\/$/, ''))
  })

  it('elsewhere is refused, unless that was said', () => {
    expect(() => read('https://kms.eu-west-1.amazonaws.com')).toThrow(/--allow-remote/)
    expect(read('https://kms.eu-west-1.amazonaws.com', true)).toBe('https://kms.eu-west-1.amazonaws.com')
  })

  it('elsewhere is refused for client-credentials, whose token endpoint would be AWS’s own', () => {
    expect(() => read('https://aws.example:4566', true, 'client-credentials')).toThrow(
      new UsageError('--auth client-credentials works with an AWS_ENDPOINT_URL on this machine only.'),
    )
    expect(read('http://127.0.0.1:5000', true, 'client-credentials')).toBe('http://127.0.0.1:5000')
    expect(read('https://aws.example:4566', true, 'client-token')).toBe('https://aws.example:4566')
  })

  it('anywhere is refused for sts-token and for two accounts, whose roles local AWS alone knows', () => {
    expect(() => read('http://127.0.0.1:5000', true, 'sts-token')).toThrow(UsageError)
    expect(read(undefined, false, 'sts-token')).toBeUndefined()
    const two = { allowRemote: true, machineAuth: 'password', twoAccounts: true } as const
    expect(() => readEndpoint({ AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' }, two)).toThrow(UsageError)
    expect(readEndpoint({}, two)).toBeUndefined()
  })

  it.each([
    ...['nowhere', 'ftp://127.0.0.1:9', 'http://user:canary@127.0.0.1:9', 'http://127.0.0.1:9/path'],
    ...['http://127.0.0.1:9/?x'],
  ])('that is %s is refused without being repeated', (text) => {
    expect(() => read(text, true)).toThrow(
      new UsageError('AWS_ENDPOINT_URL must be http(s)://host:port and nothing else.'),
    )
  })
})

it('jobs are refused in two accounts, and pass in one', () => {
  const both = { jobs: true, twoAccounts: true }

  expect(() => {
    checkJobs(both)
  }).toThrow(new UsageError('--jobs does not go with --two-accounts: local AWS has tables and queues in one account.'))
  checkJobs({ ...both, jobs: false })
  checkJobs({ ...both, twoAccounts: false })
})

describe('--auth', () => {
  const read = (...args: string[]) => readAuth(readArgs({ options: authOption }, args))

  it.each(['password', 'client-credentials', 'client-token', 'sigv4', 'sts-token'])('%s is a mode', (mode) => {
    expect(read('--auth', mode)).toEqual({ machineAuth: mode, stsTokenPerRequest: false, twoAccounts: false })
  })

  it('left out, it is password', () => {
    expect(read().machineAuth).toBe('password')
  })

  it('takes a token for each creation with sts-token, and with no other mode', () => {
    expect(read('--auth', 'sts-token', '--sts-token-per-request').stsTokenPerRequest).toBe(true)
    expect(() => read('--auth', 'sigv4', '--sts-token-per-request')).toThrow(
      new UsageError('--sts-token-per-request goes with --auth sts-token alone.'),
    )
  })

  it.each(['', 'Password', 'sigv4 ', 'canary'])('%j is refused with the words that there are', (word) => {
    expect(() => read('--auth', word)).toThrow(
      new UsageError('--auth must be one of password, client-credentials, client-token, sigv4, sts-token.'),
    )
  })
})
