// `npm run openapi`: writes docs/openapi/ and shared/client/generated/, which a test holds against the table of routes.
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }
import { generateClient } from './client.ts'
import { openApiDocuments } from './document.ts'

const folder = new URL('../../docs/openapi/', import.meta.url)
const documents = openApiDocuments(packageJson.version)
await mkdir(folder, { recursive: true })
for (const [app, document] of Object.entries(documents)) {
  await writeFile(new URL(`${app}.json`, folder), `${JSON.stringify(document, null, 2)}\n`)
}
await generateClient(documents.app1, fileURLToPath(new URL('../../shared/client/generated', import.meta.url)))
