// Keeps what the program would have put on the terminal, whichever way it goes there.

export type CapturedOutput = { readonly text: () => string; readonly release: () => void }

export function captureOutput(): CapturedOutput {
  const pieces: string[] = []
  const writeChunk = (chunk: string | Uint8Array): boolean => {
    pieces.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    return true
  }
  const print = (...args: unknown[]): void => {
    // A console prints an error with its stack.
    pieces.push(...args.map((arg) => (arg instanceof Error ? `${arg.message} ${arg.stack ?? ''}` : String(arg))))
  }
  const restore = [
    ...[process.stdout, process.stderr].map((stream) => replace(stream, 'write', writeChunk)),
    ...['log', 'info', 'warn', 'error', 'debug'].map((name) => replace(console, name, print)),
  ]
  return {
    text: () => pieces.join('\n'),
    release: () => {
      for (const undo of restore) undo()
    },
  }
}

/** Not `vi.spyOn`: the configuration restores spies before each test, and this has to hold for a whole file. */
function replace(target: object, name: string, value: unknown): () => void {
  const original: unknown = Reflect.get(target, name)
  Reflect.set(target, name, value)
  return () => {
    Reflect.set(target, name, original)
  }
}
