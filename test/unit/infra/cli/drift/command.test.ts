import { describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { readCommand, usageProblem } from '#infra/cli/drift/command.ts'
import { ConfigurationError } from '#shared/env.ts'

const environment = { USER_POOL_ID: 'eu-west-1_abc' }

const problemOf = (args: readonly string[], variables: Record<string, string> = environment): string | undefined => {
  try {
    readCommand(args, variables)
    return undefined
  } catch (error) {
    return usageProblem(error)
  }
}

describe('what the drift report is asked to do', () => {
  it('is a table of the pool in the environment, in the Region that the pool’s id names', () => {
    expect(readCommand([], environment)).toEqual({
      kind: 'report',
      userPoolId: 'eu-west-1_abc',
      region: 'eu-west-1',
      format: 'table',
      olderThanMs: 0,
      repair: 'no',
    })
  })

  it('follows the options before the environment', () => {
    const args = ['--user-pool-id', 'us-gov-west-1_x', '--region', 'us-east-1', '--older-than=90', '--json']

    expect(readCommand(args, { ...environment, AWS_REGION: 'ap-south-1' })).toEqual({
      kind: 'report',
      userPoolId: 'us-gov-west-1_x',
      region: 'us-east-1',
      format: 'json',
      olderThanMs: 5_400_000,
      repair: 'no',
    })
    expect(readCommand(['--user-pool-id', 'us-gov-west-1_x'], {})).toMatchObject({ region: 'us-gov-west-1' })
  })

  it.each([
    { args: [], repair: 'no' },
    { args: ['--repair'], repair: 'after_asking' },
    { args: ['--repair', '--yes'], repair: 'without_asking' },
  ])('with $args repairs: $repair', ({ args, repair }) => {
    expect(readCommand(args, environment)).toMatchObject({ repair })
  })

  it('looks at secrets under the prefix of the option, or else of the environment, or not at all', () => {
    const named = { ...environment, PASSWORD_SECRETS_PREFIX: 'a/service-users/' }

    expect(readCommand([], environment)).toMatchObject({ secretsPrefix: undefined })
    expect(readCommand([], { ...environment, PASSWORD_SECRETS_PREFIX: '' })).toMatchObject({ secretsPrefix: undefined })
    expect(readCommand([], named)).toMatchObject({ secretsPrefix: 'a/service-users/' })
    expect(readCommand(['--secrets', 'b/service-users/'], named)).toMatchObject({ secretsPrefix: 'b/service-users/' })
  })

  it.each([
    [['--secrets', 'b/service-users'], environment],
    [['--secrets', ''], environment],
    [[], { ...environment, PASSWORD_SECRETS_PREFIX: '!a/' }],
  ])('with %j and %j is refused: no prefix', (args, variables) => {
    expect(problemOf(args, variables)).toBe(
      '--secrets or PASSWORD_SECRETS_PREFIX is no beginning of secrets’ names that ends with a slash.',
    )
  })

  it('needs no pool for --help', () => {
    expect(readCommand(['--help'], {})).toEqual({ kind: 'help' })
  })

  it.each([
    [['--what'], 'There is no such option, or its value is missing. See --help.'],
    [['--yes'], '--yes answers the question that --repair asks.'],
    [['--region', 'europe'], '--region is no Region.'],
    [['--region', ''], '--region is no Region.'],
    [['--user-pool-id', ''], '--user-pool-id is empty.'],
    [['--older-than', '1.5'], '--older-than is no whole number of minutes.'],
    [['--older-than=-1'], '--older-than is no whole number of minutes.'],
    [['--older-than', '12345678'], '--older-than is no whole number of minutes.'],
  ])('is refused with %j: %s', (args, problem) => {
    expect(problemOf(args)).toBe(problem)
  })

  it.each([
    [[], {}, 'USER_POOL_ID is missing'],
    [['--user-pool-id', 'no pool'], {}, 'USER_POOL_ID is not valid'],
    [
      [],
      { ...environment, AWS_ENDPOINT_URL: 'https://example.com' },
      'AWS_ENDPOINT_URL is not a loopback or AWS endpoint',
    ],
    [
      ['--user-pool-id', 'eu-west-1_abc'],
      { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: 'http://10.0.0.1' },
      'AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER is not a loopback or AWS endpoint',
    ],
  ])('with %j and %j is refused: %s', (args, variables, problem) => {
    expect(problemOf(args, variables)).toBe(
      `Configuration refused: ${problem}. The pool can be named by --user-pool-id as well.`,
    )
  })

  it('is not to blame for other errors', () => {
    expect(usageProblem(new Error('x'))).toBeUndefined()
    expect(usageProblem(new UsageError('x'))).toBe('x')
    expect(usageProblem(new ConfigurationError(['y']))).toContain('y')
  })
})
