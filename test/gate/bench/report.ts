// Shows a benchmark as a table and keeps it as JSON, with what it ran on.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

export type Cell = string | number

const resultsFolder = new URL('./results/', import.meta.url)

export function printTable(title: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = [heads, ...rows.map((row) => row.map(String))]
  const widths = heads.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  console.log(`\n${title}\n`)
  for (const row of texts) {
    console.log(`  ${row.map((text, column) => pad(text, widths[column] ?? 0, column)).join('  ')}`)
  }
}

/** Writes `results/<name>.json`, which git ignores: figures belong to a machine and a day. */
export function writeResult(name: string, result: object): void {
  mkdirSync(resultsFolder, { recursive: true })
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem() }
  const text = JSON.stringify({ name, at: new Date().toISOString(), machine, ...result }, null, 2)
  writeFileSync(new URL(`${name}.json`, resultsFolder), `${text}\n`)
}

/** Names to the left, figures to the right. */
function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width)
}
