// Remembers what this process proves itself by in its own requests: what passes no recording proxy, App1's way to App2.
import { collectProofs } from './recording-proxy.ts'

/** Replaces the global `fetch`, also for modules that are imported from now on. The answer puts it back. */
export function recordProofs(secrets: Set<string>): () => void {
  const original = globalThis.fetch
  globalThis.fetch = (input, init) => {
    collectProofs(new Headers(init?.headers), secrets)
    return original(input, init)
  }
  return () => {
    globalThis.fetch = original
  }
}
