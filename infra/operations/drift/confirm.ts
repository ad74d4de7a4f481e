// Asks an operator on the terminal before anything is removed; no answer is a no.
import { ask } from '../ask.ts'

/** True for `yes` and nothing else; false also when the input ends or is interrupted. */
export async function confirm(options: Parameters<typeof ask>[0]): Promise<boolean> {
  return (await ask(options)) === 'yes'
}
