// Asks an operator one question on the terminal.
import { createInterface } from 'node:readline'

/** The answer; empty also when the input ends or is interrupted. */
export function ask(options: {
  readonly question: string
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}): Promise<string> {
  const { question, input, output } = options
  return new Promise((resolve) => {
    const lines = createInterface({ input, output })
    lines.once('close', () => {
      resolve('')
    })
    lines.question(question, (answer) => {
      resolve(answer.trim())
      lines.close()
    })
  })
}

/**
 * Asks for the code of a device that a profile names; undefined where there is no terminal to ask on. On standard error, as
 * standard output may be a document.
 */
export function askMfaCode(streams: {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
}): ((serialNumber: string) => Promise<string>) | undefined {
  const { stdin: input, stderr: output } = streams
  if (!input.isTTY || !output.isTTY) return undefined
  return (serialNumber) => ask({ question: `MFA code for ${serialNumber}: `, input, output })
}
