// Lambda's runtime interface client, `aws-lambda-ric`, which comes as source code; installed here on the first run alone.
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** What its install needs, each by any of its names. */
const tools: readonly (readonly [string, ...string[]])[] = [
  ['cmake', 'cmake3'],
  ['c++', 'g++', 'clang++'],
  ['make'],
  ['python3'],
  ['tar'],
  ['xz'],
  ['openssl'],
]

/** A person at the terminal can help it. The message says how. */
export class ClientMissingError extends Error {
  override readonly name = 'ClientMissingError'
}

/**
 * The client's entry file. Installs it where it is not yet, which takes a minute or more. Rejects with
 * ClientMissingError when a tool is not there, or the native part could not be compiled.
 */
export async function prepareInterfaceClient(options: {
  /** Has the client's package.json. */
  readonly folder: string
  /** Where programs are looked for, as `PATH` names it. */
  readonly path: string
  readonly platform: NodeJS.Platform
  readonly signal: AbortSignal
}): Promise<string> {
  const installed = join(options.folder, 'node_modules/aws-lambda-ric')
  const entry = join(installed, 'index.mjs')
  const isCompiled = (): Promise<boolean> => exists(join(installed, 'rapid-client.node'))
  if (await isCompiled()) return entry
  // On a Mac its scripts skip the native part, and npm says that all is well.
  if (options.platform !== 'linux') throw new ClientMissingError('aws-lambda-ric compiles on Linux alone.')
  const missing = await missingTools(options.path)
  if (missing.length > 0) {
    throw new ClientMissingError(`aws-lambda-ric compiles native code, and needs ${missing.join(', ')} on the PATH.`)
  }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const command = ['ci', '--prefix', options.folder, '--ignore-scripts=false', ...quiet]
  await promisify(execFile)('npm', command, { signal: options.signal }).catch((cause: unknown) => {
    throw new ClientMissingError(`npm ${command.join(' ')} failed.\n${printed(cause)}`, { cause })
  })
  if (await isCompiled()) return entry
  throw new ClientMissingError('aws-lambda-ric was installed, and its native part was not compiled.')
}

/** The first name of each tool that no folder of `path` has under any of its names. */
async function missingTools(path: string): Promise<string[]> {
  const folders = path.split(delimiter).filter((item) => item !== '')
  const missing: string[] = []
  for (const names of tools) {
    const candidates = folders.flatMap((item) => names.map((name) => join(item, name)))
    const found = await Promise.all(candidates.map(exists))
    if (!found.includes(true)) missing.push(names[0])
  }
  return missing
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function printed(error: unknown): string {
  return error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-2000) : String(error)
}
