// The reference pages of both OpenAPI documents, for this machine alone; they load nothing from elsewhere.
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import {
  listenOnLoopback,
  type GatewayReply,
  type GatewayRequest,
  type LoopbackServer,
} from '../emulators/gateway/loopback-server.ts'

/** The path of the first page. */
export const docsPath = '/docs'

/** Serves them on 127.0.0.1, on a free port where it is 0. Rejects with `EADDRINUSE` when the port is taken. */
export function startDocsPage({ port }: { readonly port: number }): Promise<LoopbackServer> {
  return listenOnLoopback({ port, answer })
}

/**
 * Redoc's standalone bundle, as the package `redoc` has it: the gate compares them. Not the package itself, which would bring
 * 110 others along, none of which the bundle needs.
 */
async function bundle(): Promise<Buffer> {
  return promisify(gunzip)(await readFile(new URL('docs-page/redoc.standalone.js.gz', import.meta.url)))
}

const document = (app: string) => (): Promise<Buffer> =>
  readFile(new URL(`../../docs/openapi/${app}.json`, import.meta.url))

const page = (name: string, app: string) => (): Promise<string> =>
  Promise.resolve(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Latchkey ${name}</title>
    <link rel="icon" href="data:,">
    <style>body { margin: 0 } nav { padding: 8px }</style>
  </head>
  <body>
    <nav><a href="${docsPath}">App1</a> · <a href="${docsPath}/app2">App2</a></nav>
    <redoc spec-url="${docsPath}/${app}.json" disable-search></redoc>
    <script src="${docsPath}/redoc.js"></script>
  </body>
</html>
`)

type Content = { readonly type: string; readonly body: () => Promise<string | Buffer> }

/** Read when they are asked for: nobody waits for them who does not look. */
const contents: ReadonlyMap<string, Content> = new Map([
  [docsPath, { type: 'text/html; charset=utf-8', body: page('App1', 'app1') }],
  [`${docsPath}/app2`, { type: 'text/html; charset=utf-8', body: page('App2', 'app2') }],
  [`${docsPath}/app1.json`, { type: 'application/json', body: document('app1') }],
  [`${docsPath}/app2.json`, { type: 'application/json', body: document('app2') }],
  [`${docsPath}/redoc.js`, { type: 'text/javascript; charset=utf-8', body: bundle }],
])

/** Redoc writes its styles into the page. It asks for a logo at its maker's, and goes without one where that is refused. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

async function answer({ method, target }: GatewayRequest): Promise<GatewayReply> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: [['allow', 'GET, HEAD']], body: '' }
  const content = contents.get(target.split('?', 1)[0] ?? '')
  if (content === undefined) return { status: 404, headers: [], body: '' }
  const headers = [
    ['content-type', content.type],
    ['content-security-policy', policy],
    ['x-content-type-options', 'nosniff'],
  ] as const
  return { status: 200, headers, body: await content.body() }
}
