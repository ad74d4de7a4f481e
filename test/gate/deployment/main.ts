// `node test/gate/deployment/main.ts FOLDER`: packages every variant below the folder, for tools that read the templates.
import { resolve } from 'node:path'
import { packageVariants } from './package-variants.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new Error('node test/gate/deployment/main.ts FOLDER')
const packaged = await packageVariants(resolve(folder))
// Those of two accounts that know each other have all that the others of them have.
const read = Object.entries(packaged).filter(([name]) => !/-(both|alone)$/.test(name))
process.stdout.write(`${JSON.stringify(Object.fromEntries(read))}\n`)
