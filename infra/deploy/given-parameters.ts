// Reads the parameters of one deployment, as the framework merges them; what it would pass over in silence is a problem here.
import { nearestName } from './nearest-name.ts'
import { parameters } from './parameters.ts'

export type GivenParameters = {
  /** `params` of serverless.yml, its variables resolved: by stage, and `default`. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Each `--param` as it was typed, none of which has a problem of its form. */
  readonly typed: readonly string[]
  readonly stage: string
}

export type Values = Readonly<Record<string, unknown>>

/** What is wrong with a `--param` that cannot be read; the framework would end in a stack trace, or take a part for it. */
export function formProblem(typed: readonly (string | null)[]): string | undefined {
  const readable = typed.every((text) => text !== null && /^[^=]+=./s.test(text))
  if (!readable) return '--param takes <name>=<value>, and both have to be there.'
  // The framework would put something else in its place, which nobody has looked at.
  return typed.some((text) => text?.includes('${')) ? '--param takes a value as it is: no ${…} in it.' : undefined
}

/** The values in effect: those that were typed, then the stage's, then the defaults; null is no value. And what is wrong. */
export function readGivenParameters({ params, typed, stage }: GivenParameters): {
  readonly values: Values
  readonly problems: readonly string[]
} {
  const pairs = typed.map((text) => {
    const end = text.indexOf('=')
    return [text.slice(0, end), text.slice(end + 1)] as const
  })
  const names = pairs.map(([name]) => name)
  const inFile = Object.values(params).flatMap((section) => Object.keys(section))
  const valued = (section: Values = {}): Values =>
    Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null && value !== undefined))
  return {
    values: { ...valued(params['default']), ...valued(params[stage]), ...Object.fromEntries(pairs) },
    problems: [
      ...[...new Set([...names, ...inFile])].filter((name) => !isParameter(name)).map(unknownName),
      ...[...new Set(names.filter((name, index) => names.indexOf(name) < index))].map(
        (name) => `${name} is given twice: only one of the two could count.`,
      ),
    ],
  }
}

export function isParameter(name: string): name is keyof typeof parameters {
  return Object.hasOwn(parameters, name)
}

function unknownName(name: string): string {
  const nearest = nearestName(name, Object.keys(parameters))
  return nearest === undefined
    ? `There is no parameter ${JSON.stringify(name)}; they stand at the top of serverless.yml.`
    : `There is no parameter ${JSON.stringify(name)}; ${nearest} is the nearest name.`
}
