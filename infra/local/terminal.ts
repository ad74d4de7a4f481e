// How the commands write on a terminal: one line a step, colour only where there is one (NO_COLOR is honoured).
import { styleText } from 'node:util'
import { UsageError } from '../cli/command-line.ts'

type Style = Parameters<typeof styleText>[0]

/** `styleText` looks at the stream by itself: no colour in a file or pipe, none with NO_COLOR. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** A line of a list of steps: a mark, the step, and how long it took. */
export function stepLine(step: { readonly passed: boolean; readonly text: string; readonly ms: number }): string {
  const mark = step.passed ? paint('green', '✓') : paint('red', '✗')
  return `  ${mark} ${step.text} ${paint('dim', `${Math.round(step.ms)} ms`)}`
}

/**
 * Who stopped reading, as in `npm run demo | head`, wants no stack trace; nor is it told that all went well, since the
 * rest was not done: 141 is what a shell makes of a program that SIGPIPE ended.
 */
export function endWithClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 141 : 1)
  })
}

/** Runs a command to its end. A failure is one line, without a stack; the exit code is 2 for wrong usage, else 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  endWithClosedPipe()
  await main().catch((error: unknown) => {
    process.stderr.write(`${paint('red', failureText(error))}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  })
}

/** What an operator should read of a failure: its message, and never a stack. */
export function failureText(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : ''
    return `Port ${port} is taken. Stop what listens there, or set PORT_APP1, PORT_APP2, PORT_AWS or PORT_DOCS to a free port.`
  }
  return error instanceof Error ? error.message : 'An unknown error.'
}
