// `npm run openapi`: writes docs/openapi/, which a test holds against the table of routes.
import { mkdir, writeFile } from 'node:fs/promises'
import packageJson from '../../package.json' with { type: 'json' }
import { openApiDocuments } from './document.ts'

const folder = new URL('../../docs/openapi/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const [app, document] of Object.entries(openApiDocuments(packageJson.version))) {
  await writeFile(new URL(`${app}.json`, folder), `${JSON.stringify(document, null, 2)}\n`)
}
