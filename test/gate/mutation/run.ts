// Runs Stryker, holds its survivors against the written exemptions, and writes docs/mutation.md; fails on any other.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import * as z from 'zod/mini'
import { exemptions } from './exemptions.ts'
import { judge } from './judge.ts'
import { renderReport } from './render-report.ts'

const root = new URL('../../../', import.meta.url)
const stryker = new URL('node_modules/@stryker-mutator/core/', import.meta.url)
const document = new URL('docs/mutation.md', root)

const position = z.object({ line: z.number(), column: z.number() })
const report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.optional(z.string()),
          status: z.string(),
          location: z.object({ start: position, end: position }),
        }),
      ),
    }),
  ),
})

const [argument] = process.argv.slice(2)
if (argument !== undefined) {
  console.log(
    'Usage: npm run mutation. It takes no options: what is mutated stands in test/gate/mutation/stryker.config.ts.',
  )
  process.exit(argument === '--help' ? 0 : 2)
}
const startedAt = Date.now()
const { status, signal } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('bin/stryker.js', stryker)), 'run', 'test/gate/mutation/stryker.config.ts'],
  { cwd: root, stdio: 'inherit' },
)
if (status !== 0) throw new Error(`Stryker did not finish: ${signal ?? `exit code ${status ?? 'unknown'}`}.`)

const { files } = z.parse(report, readJson(new URL('node_modules/.cache/mutation.json', import.meta.url)))
const verdict = judge(files, exemptions)
const { version } = z.parse(z.object({ version: z.string() }), readJson(new URL('package.json', stryker)))
const text = renderReport(verdict, { ranAt: new Date(startedAt), minutes: (Date.now() - startedAt) / 60_000, version })

mkdirSync(new URL('.', document), { recursive: true })
const style = await resolveConfig(document)
writeFileSync(document, await format(text, { ...style, parser: 'markdown' }))

const { mutants, detected, exempt, survivors, needless } = verdict.total
console.log(
  `${mutants} mutants, ${detected} detected, ${exempt} exempt, ${survivors} survivors, ${needless} needless exemptions`,
)
for (const { file, line, original, replacement } of verdict.files.flatMap((one) => one.survivors)) {
  console.log(`survives: ${file}:${line} ${original} → ${replacement}`)
}
for (const { file, original, replacement } of verdict.needless) {
  console.log(`exempt, but no survivor is like it, or fewer are: ${file} ${original} → ${replacement}`)
}
if (survivors > 0 || needless > 0) process.exitCode = 1

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
