// `node test/gate/deployment/main.ts FOLDER`: packages every variant below the folder, for tools that read the templates.
import { resolve } from 'node:path'
import { packageVariants } from './package-variants.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new Error('node test/gate/deployment/main.ts FOLDER')
process.stdout.write(`${JSON.stringify(await packageVariants(resolve(folder)))}\n`)
