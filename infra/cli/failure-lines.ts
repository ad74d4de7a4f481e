// What App1 refused, or what became of a request, in lines for a person; it holds nothing that a terminal would obey.
import type { Failure } from '#shared/client/answer.ts'
import { asciiJson } from './escape.ts'
import { safeMessage } from './reason.ts'

export function failureLines(failure: Failure): string[] {
  const { code, status, problem } = failure
  const errors = Array.isArray(problem?.errors) ? problem.errors : []
  return [
    `${status === undefined ? '' : `${status} `}${printable(code)}: ${wordsOf(failure)}`,
    ...errors.map((error) => {
      const { pointer, header, parameter, detail } = { pointer: '', header: '', parameter: '', ...error }
      return `  ${printable(pointer || header || parameter)} ${printable(detail)}`
    }),
    ...(problem?.request_id === undefined ? [] : [`Request id: ${printable(problem.request_id)}`]),
    ...(status === 403 && problem === undefined ? [refusedBeforeApp1] : []),
  ]
}

const refusedBeforeApp1 =
  'That was IAM, before App1: look at the credentials, the Region, and the permission to invoke this API.'

/** App1's sentence in full. What others say may hold what was sent, and is cut. */
export function wordsOf({ message, problem }: Failure): string {
  return problem === undefined ? safeMessage(message) : printable(message)
}

export function printable(value: unknown): string {
  return asciiJson(String(value)).slice(1, -1)
}

/** A word of a POSIX shell's command line. */
export function shellWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
