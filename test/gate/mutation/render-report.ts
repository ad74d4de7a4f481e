// Words the last result of mutation testing as a page; it decides nothing.
import type { Exemption, FileVerdict, Survivor, Verdict } from './judge.ts'

export function renderReport(
  verdict: Verdict,
  run: { readonly ranAt: Date; readonly minutes: number; readonly version: string },
): string {
  const { mutants, detected, exempt, notLoaded, survivors } = verdict.total
  return [
    '# Mutation testing',
    'Each mutant is the code with one small change, such as `<` for `<=`; a mutant that no test notices is a hole in the ' +
      'tests. This page is written by `npm run mutation`, which fails if a mutant survives that is not listed here with ' +
      'the reason why no test could tell it from the code, and also if a listed one no longer survives.',
    `Last run: ${run.ranAt.toISOString().slice(0, 10)}, Stryker ${run.version}, ${run.minutes.toFixed(0)} minutes. ` +
      `**${mutants} mutants: ${detected} detected, ${exempt} exempt, ${survivors} survivors.** Not counted: mutants with which ` +
      `the tests did not even load (${notLoaded}). Not mutated: descriptions of settings, which a test compares with ` +
      'the README.',
    table(['file', 'mutants', 'killed', 'by time-out', 'exempt', 'survivors', 'not loaded'], verdict.files.map(rowOf)),
    '## Exempt',
    table(['file', 'mutant', 'why'], verdict.exemptions.map(exemptRow)),
    ...(survivors === 0
      ? []
      : [
          '## Survivors',
          table(
            ['file', 'mutant'],
            verdict.files.flatMap((file) => file.survivors.map(survivorRow)),
          ),
        ]),
    '',
  ].join('\n\n')
}

function rowOf({ file, mutants, killed, timedOut, exempt, survivors, notLoaded }: FileVerdict): string[] {
  return [`\`${file}\``, ...[mutants, killed, timedOut, exempt, survivors.length, notLoaded].map(String)]
}

function exemptRow({ file, original, replacement, count = 1, reason }: Exemption): string[] {
  const times = count === 1 ? '' : ` (${count} times)`
  return [`\`${file}\``, `${code(original)} → ${code(replacement)}${times}`, reason]
}

function survivorRow({ file, line, original, replacement }: Survivor): string[] {
  return [`\`${file}:${line}\``, `${code(original)} → ${code(replacement)}`]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Doubled marks, since what stands between them may hold one. */
function code(text: string): string {
  return text === '' ? '(nothing)' : `\`\` ${text.replaceAll('|', '\\|')} \`\``
}
