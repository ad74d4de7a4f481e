import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { generateClient } from '#infra/openapi/client.ts'
import { openApiDocuments, problem } from '#infra/openapi/document.ts'
import { errorTable } from '#shared/errors.ts'
import { routes } from '#shared/routes.ts'
import packageJson from '../../../package.json' with { type: 'json' }

const documents = openApiDocuments(packageJson.version)
const apps = ['app1', 'app2'] as const

const examples = z.record(z.string(), z.object({ value: z.unknown() }))
const answers = z.record(
  z.string(),
  z.object({
    content: z.object({
      'application/problem+json': z.optional(z.object({ examples })),
      'application/json': z.optional(z.object({ example: z.unknown() })),
    }),
  }),
)
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ description: z.string(), responses: answers }))),
})

const rows = apps.flatMap((app) => routes[app].map((route) => ({ app, ...route })))

describe.each(apps)('the OpenAPI document of %s', (app) => {
  it('is current: `npm run openapi` writes it', () => {
    const committed = readFileSync(new URL(`../../../docs/openapi/${app}.json`, import.meta.url), 'utf8')

    expect(committed).toBe(`${JSON.stringify(documents[app], null, 2)}\n`)
  })
})

describe('the OpenAPI documents', () => {
  it.each(rows)('$app $method $path: examples satisfy the schemas, one of each code', (row) => {
    const { request, success, dryRun, codes, longestBodyBytes } = row
    const { responses, description } =
      document.parse(documents[row.app]).paths[row.path]?.[row.method.toLowerCase()] ?? expect.fail()

    const problems = Object.entries(responses).flatMap(([status, { content }]) =>
      Object.entries(content['application/problem+json']?.examples ?? {}).map(
        ([code, { value }]) => [status, code, value] as const,
      ),
    )

    expect(problems.map(([, code]) => code).toSorted()).toEqual([...codes].toSorted())
    for (const [status, code, value] of problems) {
      expect(problem.parse(value)).toMatchObject({ code, status: Number(status), type: `urn:latchkey:error:${code}` })
    }
    expect(success.schema.parse(success.example)).toEqual(success.example)
    if (dryRun) expect(dryRun.schema.parse(dryRun.example)).toEqual(dryRun.example)
    expect(Object.keys(responses).filter((status) => status < '300')).toEqual(
      [...(dryRun ? [dryRun.status] : []), success.status].map(String),
    )
    expect(description.includes('The body has at most')).toBe(longestBodyBytes !== undefined)
    if (request) expect(request.schema.parse(request.example)).toEqual(request.example)
  })

  it.each(rows)(
    '$app $method $path: API Gateway’s words for its path stand beside ours, where it has parameters',
    (row) => {
      const { responses } =
        document.parse(documents[row.app]).paths[row.path]?.[row.method.toLowerCase()] ?? expect.fail()

      const told = ['400', '404'].map((status) => responses[status]?.content['application/json']?.example)

      const hasParameters = row.path.includes('{')
      expect(told).toEqual(
        hasParameters ? [{ message: 'Bad Request' }, { message: 'Not Found' }] : [undefined, undefined],
      )
    },
  )

  it('tell of each code of the error table but the one of an unknown route', () => {
    const told = rows.flatMap(({ codes }) => codes)

    expect(Object.keys(errorTable).filter((code) => !told.some((other) => other === code))).toEqual(['not_found'])
  })

  it('cannot be made of a schema that JSON Schema has no words for', () => {
    const [route = expect.fail(), ...others] = routes.app1
    const success = { ...route.success, schema: z.map(z.string(), z.string()) }

    const make = (): object => openApiDocuments('1', { ...routes, app1: [{ ...route, success }, ...others] })

    expect(make).toThrow('type `map`')
  })
})

describe('the generated client', () => {
  it('is current: `npm run openapi` writes it', async () => {
    const committed = join(import.meta.dirname, '../../../shared/client/generated')
    const fresh = await mkdtemp(join(tmpdir(), 'client-'))

    await generateClient(documents.app1, fresh)

    const read = async (folder: string): Promise<[string, string][]> =>
      Promise.all(
        (await readdir(folder)).sort().map(async (name) => [name, await readFile(join(folder, name), 'utf8')]),
      )
    expect(await read(committed)).toEqual(await read(fresh))
    await rm(fresh, { recursive: true })
  })
})
