// Asks an operator on the terminal before anything is removed; no answer is a no.
import { createInterface } from 'node:readline'

/** True for `yes` and nothing else; false also when the input ends or is interrupted. */
export function confirm(options: {
  readonly question: string
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}): Promise<boolean> {
  const { question, input, output } = options
  return new Promise((resolve) => {
    const lines = createInterface({ input, output })
    lines.once('close', () => {
      resolve(false)
    })
    lines.question(question, (answer) => {
      resolve(answer.trim() === 'yes')
      lines.close()
    })
  })
}
