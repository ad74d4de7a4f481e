import { describe, expect, it, onTestFinished } from 'vitest'
import { docsPath, startDocsPage } from '#infra/local/docs-page.ts'

async function serve(): Promise<string> {
  const server = await startDocsPage({ port: 0 })
  onTestFinished(() => server.close())
  return server.url
}

/** What a browser would load or follow from the page. */
const addresses = (html: string): string[] =>
  [...html.matchAll(/(?:src|href|spec-url)="([^"]*)"/g)].map(([, address = '']) => address)

describe('the reference pages', () => {
  it.each([
    [docsPath, 'app1'],
    [`${docsPath}/app2`, 'app2'],
  ])('%s shows the document of %s, with what it loads from its own origin alone', async (path, app) => {
    const url = await serve()

    const response = await fetch(`${url}${path}`)
    const html = await response.text()
    const policy = response.headers.get('content-security-policy') ?? ''
    const loaded = addresses(html).filter((address) => !address.startsWith('data:'))

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/)
    expect(html).not.toMatch(/https?:|"\/\//)
    expect(loaded).toContain(`${docsPath}/${app}.json`)
    const statuses = await Promise.all(loaded.map(async (address) => (await fetch(new URL(address, url))).status))
    expect(statuses).toEqual(loaded.map(() => 200))
  })

  it('have Redoc, and the documents as they are committed', async () => {
    const url = await serve()

    const [redoc = expect.fail(), ...documents] = await Promise.all(
      ['redoc.js', 'app1.json', 'app2.json'].map((file) => fetch(`${url}${docsPath}/${file}`)),
    )

    expect(redoc.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await redoc.text()).toContain('Redoc')
    expect(await Promise.all(documents.map((document) => document.json()))).toMatchObject([
      { openapi: '3.1.1', info: { title: 'Latchkey App1' } },
      { openapi: '3.1.1', info: { title: 'Latchkey App2' } },
    ])
  })

  it.each(['/', '/docs/', '/docs/app3.json', '/docs/../.env.example', '/docs/%61pp1.json', '/constructor'])(
    'leave %s unknown',
    async (path) => {
      expect((await fetch(`${await serve()}${path}`)).status).toBe(404)
    },
  )

  it('are read and nothing else', async () => {
    const url = `${await serve()}${docsPath}`

    const head = await fetch(url, { method: 'HEAD' })
    const post = await fetch(url, { method: 'POST' })

    expect([head.status, await head.text()]).toEqual([200, ''])
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})
