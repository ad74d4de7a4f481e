// A folder in which the Serverless Framework can work as in the checkout, without writing into it.
import { symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'

export const checkout = resolve(import.meta.dirname, '../..')

/** What serverless.yml stands on, as links in `folder`, which is there. serverless.yml itself is left to the caller. */
export async function linkCheckout(folder: string): Promise<void> {
  for (const part of ['infra', 'node_modules', 'package.json', 'services', 'shared']) {
    await symlink(join(checkout, part), join(folder, part))
  }
}
