import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  ConfigurationError,
  isLoopback,
  matching,
  oneOf,
  readEnvironment,
  readTogether,
  runsInLambda,
  type Environment,
  type Variable,
} from '#shared/env.ts'
import { configurationProblems } from '../../support/configuration-problems.ts'

const colour: Variable<'red' | 'blue'> = { description: 'A colour.', parse: oneOf('red', 'blue') }
const count: Variable<number> = {
  description: 'A number.',
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  fallback: 3,
}
const note: Variable<string | undefined> = { description: 'Optional.', parse: matching(/\w+/), fallback: undefined }
const variables = { COLOUR: colour, COUNT: count, NOTE: note }

const problemsOf = (environment: Environment): readonly string[] =>
  configurationProblems(() => readEnvironment(environment, variables))

describe('the configuration', () => {
  it('is read whole, parsed, and typed by its variables', () => {
    const configuration = readEnvironment({ COLOUR: 'red', COUNT: '7', NOTE: 'x', OTHER: 'y' }, variables)

    expectTypeOf(configuration.COLOUR).toEqualTypeOf<'red' | 'blue'>()
    expectTypeOf(configuration.COUNT).toEqualTypeOf<number>()
    expectTypeOf(configuration.NOTE).toEqualTypeOf<string | undefined>()
    expect(configuration).toEqual({ COLOUR: 'red', COUNT: 7, NOTE: 'x' })
  })

  it.each([
    ['absent', { COLOUR: 'red' }],
    ['empty', { COLOUR: 'red', COUNT: '', NOTE: '' }],
  ])('falls back where a variable with a fallback is %s', (_, environment) => {
    expect(readEnvironment(environment, variables)).toEqual({ COLOUR: 'red', COUNT: 3, NOTE: undefined })
  })

  it.each([
    ['absent', {}],
    ['empty', { COLOUR: '' }],
  ])('is refused where a variable without a fallback is %s', (_, environment) => {
    expect(problemsOf(environment)).toEqual(['COLOUR is missing'])
  })

  it('is refused for a value that does not parse, even where there is a fallback', () => {
    expect(problemsOf({ COLOUR: 'red', COUNT: 'many' })).toEqual(['COUNT is not valid'])
  })

  it('lists everything that is wrong at once, and shows no value', () => {
    const environment = { COUNT: 'hunter2', NOTE: '!hunter2', AWS_ENDPOINT_URL: 'https://hunter2.example' }

    const problems = problemsOf(environment)

    expect(problems).toEqual([
      'AWS_ENDPOINT_URL is not a loopback or AWS endpoint',
      'COLOUR is missing',
      'COUNT is not valid',
      'NOTE is not valid',
    ])
    expect(new ConfigurationError(problems)).toMatchObject({
      name: 'ConfigurationError',
      message: `Configuration refused: ${problems.join('; ')}`,
    })
  })
})

describe('a configuration that several readers make up', () => {
  const refuse =
    (...problems: string[]) =>
    (): never => {
      throw new ConfigurationError(problems)
    }

  it('holds the result of each, typed, in their order', () => {
    const results = readTogether(
      () => 7,
      () => 'red',
    )

    expectTypeOf(results).toEqualTypeOf<[number, string]>()
    expect(results).toEqual([7, 'red'])
  })

  it('is refused with the problems of all of them, each named once', () => {
    const read = (): unknown =>
      readTogether(refuse('A is missing', 'B is missing'), () => 7, refuse('B is missing', 'C is not valid'))

    expect(read).toThrow(new ConfigurationError(['A is missing', 'B is missing', 'C is not valid']))
  })

  it('passes on at once what is no problem of configuration', () => {
    const bug = new TypeError('a bug')
    const read = (): unknown =>
      readTogether(refuse('A is missing'), () => {
        throw bug
      })

    expect(read).toThrow(bug)
  })
})

describe('an AWS endpoint', () => {
  it.each([
    ...['', 'http://localhost:4566', 'https://localhost', 'http://127.0.0.1:4566/', 'http://127.255.255.254'],
    ...['http://[::1]:4566', 'https://kms.eu-west-1.amazonaws.com'],
    ...['https://vpce-1.kms.eu-west-1.vpce.amazonaws.com/', 'https://kms.us-gov-west-1.amazonaws.com'],
    ...['https://kms.eu-west-1.api.aws', 'https://kms-fips.us-east-1.api.aws'],
    ...['https://cognito-idp-fips.us-east-1.amazonaws.com', 'https://secretsmanager.eu-west-1.amazonaws.com/'],
    ...['https://dynamodb.eu-west-1.amazonaws.com', 'https://sqs.eu-west-1.amazonaws.com/'],
  ])('%o is trusted', (url) => {
    expect(problemsOf({ COLOUR: 'red', AWS_ENDPOINT_URL_KMS: url })).toEqual([])
  })

  it.each([
    ...['not a url', 'localhost:4566', 'ftp://localhost/', 'http://kms.eu-west-1.amazonaws.com'],
    ...['https://amazonaws.com', 'https://evil.s3.amazonaws.com'],
    ...['https://abc123.execute-api.eu-west-1.amazonaws.com', 'https://kms.eu-west-1.amazonaws.com/path'],
    ...['https://kms.eu-west-1.amazonaws.com/?a=b', 'https://kms.eu-west-1.amazonaws.com:8443'],
    ...['https://evil.kms.eu-west-1.amazonaws.com', 'https://evil.kms.eu-west-1.api.aws'],
    ...['https://kms.eu-west-1.vpce.amazonaws.com', 'https://evil.kms.eu-west-1.vpce.amazonaws.com'],
    ...['https://vpce-1.kms.eu-west-1.amazonaws.com', 'https://kms.moon-1.amazonaws.com'],
    ...['https://kms.cn-north-1.amazonaws.com.cn', 'https://kmsXeu-west-1.amazonaws.com'],
    ...['https://kms.eu-west-1.apiXaws', 'http://127.0.0.1:4566/path', 'https://amazonaws.com.evil.example'],
    ...['https://evil-amazonaws.com', 'https://kms.eu-west-1.amazonaws.com.cn.evil.example'],
    ...['https://kms.eu-west-1.amazonaws.comx', 'https://evil.example/.amazonaws.com'],
    ...['https://evil.example#.amazonaws.com', 'https://kms.eu-west-1.amazonaws.com@evil.example'],
    ...['http://localhost@evil.example', 'http://user@localhost', 'http://:word@localhost'],
    ...['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://128.0.0.1', 'http://0.0.0.0:4566'],
    ...['http://169.254.169.254', 'http://[::2]', 'https://10.0.0.1'],
  ])('%o is refused', (url) => {
    expect(problemsOf({ COLOUR: 'red', AWS_ENDPOINT_URL_KMS: url })).toEqual([
      'AWS_ENDPOINT_URL_KMS is not a loopback or AWS endpoint',
    ])
  })

  it('is looked for under every name that the SDK reads, and under no other', () => {
    const environment = {
      COLOUR: 'red',
      AWS_ENDPOINT_URL: 'https://one.example',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: 'https://two.example',
      APP2_URL: 'https://three.example',
    }

    expect(problemsOf(environment)).toEqual([
      'AWS_ENDPOINT_URL is not a loopback or AWS endpoint',
      'AWS_ENDPOINT_URL_SECRETS_MANAGER is not a loopback or AWS endpoint',
    ])
  })

  it('that is not set at all is not asked about', () => {
    expect(problemsOf({ COLOUR: 'red', AWS_ENDPOINT_URL: undefined })).toEqual([])
  })
})

describe('a variable that has to match a pattern', () => {
  it.each(['abc', 'ab'])('takes %o, which matches from end to end', (text) => {
    expect(matching(/ab|abc/)(text)).toBe(text)
  })

  it.each(['', 'xab', 'abx', 'ab\n', 'ab\nab'])('refuses %o, which does not', (text) => {
    expect(matching(/ab|abc/)(text)).toBeUndefined()
  })

  it('keeps the flags that say what matches, and drops those that say where', () => {
    const parse = matching(/ab/gimy)

    expect(['AB', 'AB', 'ab\nab'].map(parse)).toEqual(['AB', 'AB', undefined])
  })
})

describe('a variable that is one word of a list', () => {
  it('takes exactly the words of the list', () => {
    const parse = oneOf('red', 'blue')

    expect(['red', 'blue', 'Red', 'red ', '', 'toString'].map(parse)).toEqual([
      ...['red', 'blue', undefined, undefined, undefined, undefined],
    ])
  })
})

describe('Lambda', () => {
  it.each([
    [{ AWS_LAMBDA_FUNCTION_NAME: 'app1' }, true],
    [{ LAMBDA_TASK_ROOT: '/var/task' }, true],
    [{ AWS_LAMBDA_FUNCTION_NAME: '', LAMBDA_TASK_ROOT: '/var/task' }, true],
    [{ AWS_LAMBDA_FUNCTION_NAME: '', LAMBDA_TASK_ROOT: '' }, false],
    [{ AWS_REGION: 'eu-west-1' }, false],
    [{}, false],
  ])('with %j is %o', (environment, expected) => {
    expect(runsInLambda(environment)).toBe(expected)
  })
})

describe('a loopback address', () => {
  it.each([
    ['http://localhost', true],
    ['http://LOCALHOST', true],
    ['http://127.0.0.1', true],
    ['http://127.1', true],
    ['http://2130706433', true],
    ['http://[0:0:0:0:0:0:0:1]', true],
    ['http://localhost.', false],
    ['http://127.0.0.1.example', false],
    ['http://126.255.255.255', false],
    ['http://[::ffff:7f00:1]', false],
  ])('%s: %o', (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected)
  })
})
