import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { parameters } from '#infra/deploy/parameters.ts'
import { variables as app1Variables } from '#services/app1-provisioner/config.ts'
import { variables as jobWorkerVariables } from '#services/app1-provisioner/job-worker/config.ts'
import { variables as jobsVariables } from '#services/app1-provisioner/jobs/config.ts'
import { variables as authorizerVariables } from '#services/app2-accounts/authorizer/config.ts'
import { variables as checkUsersVariables } from '#services/app2-accounts/check-users/config.ts'
import { variables as createUserVariables } from '#services/app2-accounts/create-user/config.ts'
import { variables as manageUsersVariables } from '#services/app2-accounts/manage-users/config.ts'
import { variables as sampleVariables } from '#services/app2-accounts/sample/config.ts'
import { variables as rotationVariables } from '#services/credential-rotation/config.ts'
import type { AccessRule } from '#shared/access-rules.ts'
import type { Variables } from '#shared/env.ts'
import { errorTable } from '#shared/errors.ts'
import { routes } from '#shared/routes.ts'

const root = new URL('../../', import.meta.url)
const textOf = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'infra/emulators/README.md',
  'shared/client/README.md',
  '.github/pull_request_template.md',
  ...readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** The rows of the page's table that has these column heads. */
function tableUnder(page: string, ...heads: string[]): string[][] {
  const lines = textOf(page).split('\n')
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

describe('the documents', () => {
  it('routes are those of the table, with who may call them and the status of success', () => {
    const app1 = tableUnder('docs/api.md', 'route of App1', 'who', 'success')
    const columns = ['users by group', 'machines by scope', 'IAM by signature', 'success']
    const app2 = tableUnder('docs/api.md', 'route of App2', ...columns)

    expect(app1).toEqual(
      routes.app1.map(({ method, path, access, success }) => [
        `\`${method} ${path}\``,
        access === 'signed' ? 'anyone whom IAM lets through' : `a role in \`ALLOWED_CALLERS\` with \`${access}\``,
        String(success.status),
      ]),
    )
    expect(app2).toEqual(
      routes.app2.map((route) => [`\`${route.method} ${route.path}\``, ...whoMay(route), String(route.success.status)]),
    )
  })

  it('error codes are those of the error table, with status and sentence', () => {
    const rows = tableUnder('docs/errors.md', 'code', 'status', 'meaning', 'what a caller does')

    expect(rows.map((row) => row.slice(0, 3))).toEqual(
      Object.entries(errorTable).map(([code, { status, detail }]) => [`\`${code}\``, String(status), detail]),
    )
    expect(rows.filter(([, , , advice]) => advice === undefined || advice === 'undefined')).toEqual([])
  })

  it('variables are those that the functions read, with their descriptions', () => {
    const readers: [string, Variables][] = [
      ['App1', app1Variables],
      ['create-user', createUserVariables],
      ['check-users', checkUsersVariables],
      ['manage-users', manageUsersVariables],
      ['sample', sampleVariables],
      ['authorizer', authorizerVariables],
      ['rotation', rotationVariables],
      ['jobs', jobsVariables],
      ['job-worker', jobWorkerVariables],
    ]
    const names = [...new Set(readers.flatMap(([, variables]) => Object.keys(variables)))]

    const sections = textOf('docs/configuration.md').split('\n## ').slice(1)

    expect(sections.map((section) => section.trim())).toEqual(
      names.map((name) => {
        const readBy = readers.filter(([, variables]) => Object.hasOwn(variables, name))
        const description = readBy[0]?.[1][name]?.description ?? ''
        return `\`${name}\`\n\nRead by: ${readBy.map(([reader]) => reader).join(', ')}.\n\n${description}`
      }),
    )
  })

  it('parameters are those of the deployment, with their defaults and those of dev', () => {
    const given = z
      .object({ params: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()]))) })
      .parse(parse(textOf('serverless.yml'), { logLevel: 'error' })).params
    const shown = (value: string | number | undefined): string => {
      const name = /^\$\{param:(\w+)\}$/.exec(String(value))?.[1]
      return value === undefined || value === '' ? '' : `\`${name ?? value}\``
    }

    const rows = tableUnder('docs/deploy.md', 'parameter', 'default', 'in `dev`', 'what it sets')

    expect(rows.map(([name]) => name).toSorted()).toEqual(
      Object.keys(parameters)
        .map((name) => `\`${name}\``)
        .toSorted(),
    )
    expect(rows.map(([name, byDefault]) => [name, byDefault])).toEqual(
      rows.map(([name = '']) => [name, shown(given['default']?.[name.slice(1, -1)]) || 'none']),
    )
    expect(rows.map(([name, , inDev]) => [name, inDev])).toEqual(
      rows.map(([name = '']) => [name, shown(given['dev']?.[name.slice(1, -1)])]),
    )
  })

  it('the range of a parameter ends what the table says of it', () => {
    const rows = tableUnder('docs/deploy.md', 'parameter', 'default', 'in `dev`', 'what it sets')

    const ranges = Object.entries(parameters).flatMap(([name, { good }]) => {
      const [, from, to] = /^a whole number from (\d+) to (\d+)$/.exec(good) ?? []
      return from === undefined ? [] : [[name, `${from} to ${Number(to).toLocaleString('en-US')}`] as const]
    })
    const wrong = ranges.filter(
      ([name, range]) => !rows.some((row) => row[0] === `\`${name}\`` && row[3]?.endsWith(`, ${range}`)),
    )

    expect(ranges).not.toEqual([])
    expect(wrong).toEqual([])
  })

  it.each(pages)('%s links to files and sections that exist', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s:]+)\)/g)].map(([, target = '']) => target)

    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = new URL(path === '' ? page : path, path === '' ? root : new URL(page, root))
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
    })

    expect(broken).toEqual([])
  })

  // docs/mutation.md is a report.
  it.each(pages.filter((page) => page !== 'docs/mutation.md'))(
    '%s has no table cell that is longer than a line of 120 characters',
    (page) => {
      const cells = textOf(page)
        .split('\n')
        .flatMap((line) => (/^\s*\|/.test(line) ? cellsOf(line) : []))

      expect(cells.filter((cell) => cell.length > 120)).toEqual([])
    },
  )

  it('the README is read in one sitting', () => {
    expect(Buffer.byteLength(textOf('README.md'))).toBeLessThanOrEqual(9_000)
  })
})

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const withoutCode = text.replace(/^ *```[^]*?^ *```$/gm, '')
  return [...withoutCode.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
