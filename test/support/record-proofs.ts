// Remembers what this process proves itself by in its own requests: what passes no recording proxy, App1's way to App2.
import { collectProofs } from './recording-proxy.ts'

/**
 * Of the global `fetch`, and of `http.request`, by which App1 sends: what goes out to App2 by that one is told to `onSent`
 * as well. The answer puts both back.
 */
export function recordProofs(secrets: Set<string>, onSent: (text: string) => void = () => undefined): () => void {
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    collectProofs(new Headers(init?.headers), secrets)
    return fetch(input, init)
  }

  const http = process.getBuiltinModule('node:http')
  const { request } = http
  const recording = (...args: Parameters<typeof request>): ReturnType<typeof request> => {
    const outgoing = request(...args)
    const headers = Object.entries(outgoing.getHeaders())
    collectProofs(new Headers(headers.map(([name, value]): [string, string] => [name, String(value)])), secrets)
    const end = outgoing.end.bind(outgoing) as (...args: readonly unknown[]) => typeof outgoing
    outgoing.end = (...sent: readonly unknown[]) => {
      const [body] = sent
      const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
      if (outgoing.path.startsWith('/admin/') && typeof text === 'string') onSent(`${JSON.stringify(headers)} ${text}`)
      return end(...sent)
    }
    return outgoing
  }
  http.request = recording as typeof request

  return () => {
    globalThis.fetch = fetch
    http.request = request
  }
}
