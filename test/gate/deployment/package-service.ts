// Before the tests of the deployment: has every variant packaged, once for all of them, and removed at the end.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { packageVariants, type Packaged } from './package-variants.ts'

declare module 'vitest' {
  interface ProvidedContext {
    packaged: Packaged
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-deployment-'))
  project.provide('packaged', await packageVariants(folder))
  return () => rm(folder, { recursive: true })
}
