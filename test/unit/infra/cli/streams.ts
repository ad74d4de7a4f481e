// Streams that stand in for a terminal or a pipe, and what was written to them.
import { PassThrough } from 'node:stream'

export type TestStreams = {
  readonly stdin: PassThrough & { isTTY?: boolean }
  readonly stdout: PassThrough
  readonly stderr: PassThrough & { isTTY?: boolean }
  readonly written: () => { readonly stdout: string; readonly stderr: string }
}

export function testStreams(input?: string): TestStreams {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  if (input !== undefined) stdin.end(input)
  const text = { stdout: '', stderr: '' }
  stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  return { stdin, stdout, stderr, written: () => text }
}
