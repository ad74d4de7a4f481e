import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { variables as app1Variables } from '#services/app1-provisioner/config.ts'
import { variables as authorizerVariables } from '#services/app2-accounts/authorizer/config.ts'
import { variables as createUserVariables } from '#services/app2-accounts/create-user/config.ts'
import { variables as sampleVariables } from '#services/app2-accounts/sample/config.ts'
import { variables as rotationVariables } from '#services/credential-rotation/config.ts'
import { accessRules, type AccessRule } from '#shared/access-rules.ts'
import type { Variables } from '#shared/env.ts'
import { errorTable } from '#shared/errors.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** The rows of the table that has these column heads. */
function tableUnder(...heads: string[]): string[][] {
  const lines = readme.split('\n')
  const start = lines.findIndex((line) => cellsOf(line).join('|') === heads.join('|'))
  const rows = start === -1 ? [] : lines.slice(start + 2)
  return rows
    .slice(
      0,
      rows.findIndex((row) => !row.startsWith('|')),
    )
    .map(cellsOf)
}

/** By group, by scope and by signature, as the three columns have it. */
const whoMay = ({ access }: AccessRule): string[] => {
  if (access === 'public') return ['public', 'public', 'public']
  const role = access.principal === undefined ? 'nobody' : `role \`${access.principal}\``
  return [`\`${access.group}\`, ${access.client} client`, `\`${access.scope}\`, ${access.client} client`, role]
}

describe('the tables of the README', () => {
  it('routes are those of the access table, with who may call them', () => {
    const rows = tableUnder('route of App2', 'users by group', 'machines by scope', 'IAM by signature', 'success')

    expect(rows.map((row) => row.slice(0, 4))).toEqual(
      accessRules.map((rule) => [`\`${rule.method} ${rule.path}\``, ...whoMay(rule)]),
    )
  })

  it('error codes are those of the error table, with status and sentence', () => {
    const rows = tableUnder('code', 'status', 'meaning', 'what a caller does')

    expect(rows.map((row) => row.slice(0, 3))).toEqual(
      Object.entries(errorTable).map(([code, { status, detail }]) => [`\`${code}\``, String(status), detail]),
    )
    expect(rows.filter(([, , , advice]) => advice === undefined || advice === 'undefined')).toEqual([])
  })

  it('variables are those that the functions read, with their descriptions', () => {
    const readers: [string, Variables][] = [
      ['App1', app1Variables],
      ['create-user', createUserVariables],
      ['sample', sampleVariables],
      ['authorizer', authorizerVariables],
      ['rotation', rotationVariables],
    ]
    const names = [...new Set(readers.flatMap(([, variables]) => Object.keys(variables)))]

    expect(tableUnder('variable', 'read by', 'meaning')).toEqual(
      names.map((name) => {
        const readBy = readers.filter(([, variables]) => Object.hasOwn(variables, name))
        return [`\`${name}\``, readBy.map(([reader]) => reader).join(', '), readBy[0]?.[1][name]?.description]
      }),
    )
  })

  it('every file that the README links to exists', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target ?? '')

    expect(links.length).toBeGreaterThan(15)
    for (const target of links) {
      expect(() => readFileSync(new URL(`../../${target}`, import.meta.url)), target).not.toThrow()
    }
  })
})
