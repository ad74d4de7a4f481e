// Reads a service's configuration from environment variables once and whole; it never falls back to a guess.
import { regionOfEndpoint } from './aws/aws-hosts.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** How one variable is read. `parse` returns undefined for a value that is refused; it never throws. */
export type Variable<T> = {
  /** What a reader of the configuration table has to know, values and unit included. */
  readonly description: string
  readonly parse: (text: string) => T | undefined
  /** Used when the variable is absent or empty. Without it the variable is required. */
  readonly fallback?: T
}

export type Variables = Readonly<Record<string, Variable<unknown>>>

export type Configuration<V extends Variables> = {
  readonly [Name in keyof V]: V[Name] extends Variable<infer T> ? T : never
}

/** Names what is missing and what is refused, never a value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`Configuration refused: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Every variable of `variables`, parsed. Throws one ConfigurationError that lists every name that is missing or
 * refused, and every `AWS_ENDPOINT_URL*` that is neither on the loopback address nor one of the services' own:
 * whoever can set that variable would otherwise receive passwords and secrets.
 */
export function readEnvironment<V extends Variables>(environment: Environment, variables: V): Configuration<V> {
  const problems = refusedEndpoints(environment).map((name) => `${name} is not a loopback or AWS endpoint`)
  const configuration: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(variables)) {
    const text = environment[name]
    if (text === undefined || text === '') {
      if (Object.hasOwn(variable, 'fallback')) configuration[name] = variable.fallback
      else problems.push(`${name} is missing`)
      continue
    }
    const value = variable.parse(text)
    if (value === undefined) problems.push(`${name} is not valid`)
    configuration[name] = value
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return configuration as Configuration<V>
}

/** The results of all `readers`, or one ConfigurationError with the problems of all that threw one. */
export function readTogether<Results extends readonly unknown[]>(
  ...readers: { readonly [Index in keyof Results]: () => Results[Index] }
): Results {
  const problems = new Set<string>()
  const results = readers.map((read) => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      for (const problem of error.problems) problems.add(problem)
      return undefined
    }
  })
  if (problems.size > 0) throw new ConfigurationError([...problems])
  return results as unknown as Results
}

/** The variable's text as it is, when it matches `pattern` from end to end. */
export function matching(pattern: RegExp): (text: string) => string | undefined {
  // Without `g` and `y`, which keep a position from one call to the next, and `m`, which ends `$` at a line's end.
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, ''))
  return (text) => (whole.test(text) ? text : undefined)
}

/** In its one way of writing: a zero in front or an exponent reads differently in the next tool. */
export function wholeNumber({
  from,
  to,
}: {
  readonly from: number
  readonly to: number
}): (text: string) => number | undefined {
  return (text) => {
    const number = Number(text)
    return /^(0|[1-9]\d{0,8})$/.test(text) && number >= from && number <= to ? number : undefined
  }
}

/** So many a second: more than 0, of five digits and three decimals at most. */
export function parseRate(text: string): number | undefined {
  const rate = Number(text)
  return /^\d{1,5}(\.\d{1,3})?$/.test(text) && rate > 0 ? rate : undefined
}

/** https, or http at a loopback address; without user, password, query and fragment. */
export function parseSafeUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)) ? url : undefined
}

/** One word of a closed list. */
export function oneOf<const Word extends string>(...words: readonly Word[]): (text: string) => Word | undefined {
  return (text) => words.find((word) => word === text)
}

/** Whether the process runs as a Lambda function (reserved variables of the runtime, set by Lambda alone). */
export function runsInLambda(environment: Environment): boolean {
  return ['AWS_LAMBDA_FUNCTION_NAME', 'LAMBDA_TASK_ROOT'].some((name) => (environment[name] ?? '') !== '')
}

/** Whether `url` names this machine: `localhost`, 127.0.0.0/8 or `[::1]`. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname)
}

function refusedEndpoints(environment: Environment): string[] {
  return Object.entries(environment)
    .filter(([name, text = '']) => name.startsWith('AWS_ENDPOINT_URL') && text !== '' && !isTrustedEndpoint(text))
    .map(([name]) => name)
}

const calledServices = ['cognito-idp', 'dynamodb', 'kms', 'secretsmanager', 'sqs', 'sts']

function isTrustedEndpoint(text: string): boolean {
  const url = URL.parse(text)
  // Nothing but scheme, host and port: the rest would end up in every address that is made from it.
  if (url?.href !== `${url?.origin ?? ''}/`) return false
  if ((url.protocol === 'http:' || url.protocol === 'https:') && isLoopback(url)) return true
  return url.protocol === 'https:' && url.port === '' && regionOfEndpoint(url.hostname, calledServices) !== undefined
}
