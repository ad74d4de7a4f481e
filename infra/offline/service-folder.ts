// A copy of the service's folder that has two plugins more; the checkout stays as it is.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout, linkCheckout } from '../local/link-checkout.ts'
import { planFile, type OfflinePlan } from './plan.ts'

const plugins = ['./infra/offline/plugin.ts', './infra/offline/node_modules/serverless-offline/src/index.js']

export type ServiceFolder = { readonly path: string; close(): Promise<void> }

/** Code and node_modules are links into the checkout. `close` removes the folder with all that was written into it. */
export async function makeServiceFolder(plan: OfflinePlan): Promise<ServiceFolder> {
  const path = await mkdtemp(join(tmpdir(), 'latchkey-offline-'))
  await linkCheckout(path)
  const configuration = await readFile(join(checkout, 'serverless.yml'), 'utf8')
  await writeFile(join(path, 'serverless.yml'), withPlugins(configuration))
  await writeFile(join(path, planFile), JSON.stringify(plan))
  return { path, close: () => rm(path, { recursive: true }) }
}

/** `configuration` with our two behind the plugins that it has. Throws when it has no list of them. */
export function withPlugins(configuration: string): string {
  const list = /^plugins:\n(?: {2}- .*\n)+/m
  if (!list.test(configuration)) throw new Error('serverless.yml has no list of plugins')
  return configuration.replace(list, (text) => text + plugins.map((plugin) => `  - ${plugin}\n`).join(''))
}
