// Reads a user's new password from the standard input; it never shows it, and never takes it from a command line.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { SecretValue } from '#shared/text/secret-value.ts'
import { UsageError } from '../command-line.ts'

export type PasswordStreams = {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** Where the prompt goes. */
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Far above the longest password that App1 takes; a file given by mistake is not read to its end. */
const longestInput = 4096

/**
 * What is typed at a prompt without echo, or, where the input is no terminal, its one line without the line's end.
 * Throws UsageError when there is nothing, or more than a line.
 */
export async function readPassword(streams: PasswordStreams): Promise<SecretValue> {
  const text = streams.stdin.isTTY ? await ask(streams) : await readLine(streams.stdin)
  if (text === '') throw new UsageError('There is no password on the standard input.')
  return new SecretValue(text)
}

async function readLine(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk))
    size += chunk.length
    if (size > longestInput) throw new UsageError('The standard input is too long for a password.')
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (/[\r\n]/.test(text)) throw new UsageError('The standard input has more than one line.')
  return text
}

/** Asked twice, since nobody sees what is typed. Empty also when the prompt is left by Ctrl-C or Ctrl-D. */
function ask({ stdin, stderr }: PasswordStreams): Promise<string> {
  stderr.write('New password: ')
  // The terminal is in raw mode meanwhile, so what is typed appears only if somebody writes it: nobody does.
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdin, output: silent, terminal: true })
    const typed: string[] = []
    lines.once('close', () => {
      stderr.write('\n')
      const [first = '', again] = typed
      if (first === '' || again === undefined) resolve('')
      else if (first === again) resolve(first)
      else reject(new UsageError('What was typed is not the same twice. Nothing was sent.'))
    })
    lines.on('line', (line) => {
      typed.push(line)
      if (line === '' || typed.length === 2) lines.close()
      else stderr.write('\nOnce more: ')
    })
  })
}
