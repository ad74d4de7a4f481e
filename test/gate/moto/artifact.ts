// Runs a function as it is deployed: the packaged archive's code, the environment that CloudFormation gave it.
import { readFile, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inWorker, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import { awsVariables } from './isolated-environment.ts'
import type { DeployedFunction } from './deployed-functions.ts'
import { readZipEntry } from './zip-entry.ts'

/**
 * What `use` returns of the function, which lives for so long. Rejects with what the function threw and the log lines
 * that it wrote until then.
 */
export async function withArtifact<Result>(
  options: {
    readonly deployed: DeployedFunction
    readonly archive: string
    /** Where the code is unpacked. */
    readonly folder: string
    readonly endpoint: string
  },
  use: (invoke: LambdaFunction) => Promise<Result>,
): Promise<Result> {
  const { deployed, archive, folder, endpoint } = options
  const entry = deployed.handler.replace(/\.handler$/, '.mjs')
  const unpacked = join(folder, basename(archive, '.zip'))
  await mkdir(unpacked)
  const handlerModule = join(unpacked, basename(entry))
  await writeFile(handlerModule, readZipEntry(await readFile(archive), entry))
  const lines: string[] = []
  const worker = inWorker({
    name: deployed.name,
    handlerModule: pathToFileURL(handlerModule),
    environment: { ...deployed.variables, ...awsVariables(endpoint) },
    timeoutMs: deployed.timeoutSeconds * 1000,
    onOutput: (line) => {
      lines.push(line)
    },
  })
  try {
    return await use(worker.invoke)
  } catch (error) {
    throw new Error([String(error), ...lines].join('\n'), { cause: error })
  } finally {
    await worker.close()
  }
}
