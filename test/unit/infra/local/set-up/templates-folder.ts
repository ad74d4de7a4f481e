// A folder of templates for one test, removed after it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'

/** `files` by name; what is not named of the three is a template with no resources. */
export async function templatesFolder(files: Readonly<Record<string, string>>): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-templates-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const empty = { 'cognito.yml': 'Resources: {}', 'kms.yml': 'Resources: {}', 'secrets.yml': 'Resources: {}' }
  for (const [name, text] of Object.entries({ ...empty, ...files })) await writeFile(join(folder, name), text)
  return pathToFileURL(`${folder}/`)
}
