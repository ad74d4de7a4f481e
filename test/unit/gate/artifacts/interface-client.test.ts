import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareInterfaceClient } from '../../../gate/artifacts/interface-client.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-client-'))
})

afterEach(() => rm(folder, { recursive: true }))

const { signal } = new AbortController()

const tool = (name: string): Promise<void> => writeFile(join(folder, name), '')

describe('prepareInterfaceClient', () => {
  it('gives the entry file of a client that is compiled, whatever the machine', async () => {
    const installed = join(folder, 'node_modules/aws-lambda-ric')
    await mkdir(installed, { recursive: true })
    await writeFile(join(installed, 'rapid-client.node'), '')

    const entry = await prepareInterfaceClient({ folder, path: '', platform: 'darwin', signal })

    expect(entry).toBe(join(installed, 'index.mjs'))
  })

  it('names every tool that is not on the PATH, and takes a tool by any of its names', async () => {
    for (const name of ['cmake3', 'clang++', 'make', 'tar', 'xz']) await tool(name)

    const prepared = prepareInterfaceClient({ folder, path: `:${folder}`, platform: 'linux', signal })

    await expect(prepared).rejects.toThrow(
      'aws-lambda-ric compiles native code, and needs python3, openssl on the PATH.',
    )
  })

  it('does not try on another system than Linux, where the install would skip the native part', async () => {
    const prepared = prepareInterfaceClient({ folder, path: folder, platform: 'darwin', signal })

    await expect(prepared).rejects.toThrow('aws-lambda-ric compiles on Linux alone.')
  })
})
