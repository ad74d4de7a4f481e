// What is wrong with the lines that a function printed; it never repeats a line that holds a secret.
import * as z from 'zod/mini'

export type Secret = { readonly what: string; readonly value: { expose(): string } }

/** What each of our log lines has. */
const logLine = z.looseObject({ level: z.string(), message: z.string(), service: z.string() })

/** The runtime's own line for an error that a handler threw, in Lambda's text format. */
const runtimeLine = /^[\d-]{10}T[\d:.]+Z\t[\w-]+\tERROR\tInvoke Error \t\{.*\}$/

/** Nothing, for lines of our own form and of the runtime's, without any of `secrets`. A silent function is a problem. */
export function findLogProblems(name: string, lines: readonly string[], secrets: readonly Secret[]): string[] {
  if (lines.length === 0) return [`${name} has printed nothing`]
  return lines.flatMap((line) => {
    const held = secrets.filter(({ value }) => line.includes(value.expose()))
    if (held.length > 0) return held.map(({ what }) => `${name} has printed ${what}`)
    return isLogLine(line) || runtimeLine.test(line) ? [] : [`${name} has printed: ${line}`]
  })
}

function isLogLine(line: string): boolean {
  try {
    return logLine.safeParse(JSON.parse(line)).success
  } catch {
    return false
  }
}
