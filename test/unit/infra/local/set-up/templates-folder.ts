// A folder of templates for one test, removed after it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { templateFiles } from '#infra/local/set-up/apply-templates.ts'

/** `files` by name; what is not named of the default choice's is a template with no resources. */
export async function templatesFolder(files: Readonly<Record<string, string>>): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-templates-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'modes'))
  const none = 'Resources: {}'
  const empty = Object.fromEntries(
    templateFiles().map(({ file, section }) => [file, section === undefined ? none : `${section}: { ${none} }`]),
  )
  for (const [name, text] of Object.entries({ ...empty, ...files })) await writeFile(join(folder, name), text)
  return pathToFileURL(`${folder}/`)
}
