// Makes sure that an endpoint is a moto with nothing in it, and empties it; it touches one that holds anything not at all.
import { listAll, takeInventory } from './inventory.ts'
import { createApiCaller } from './moto-api.ts'
import { listStacks } from './stack.ts'

/** Rejects where anything is there already: whatever is found afterwards has to come from the run. */
export async function prepareMoto(endpoint: string): Promise<void> {
  const call = createApiCaller(endpoint)
  const held = [...(await listStacks(call)), ...listAll(await takeInventory(call))]
  if (held.length > 0) throw new Error(`there is something in it already:\n${held.join('\n')}`)
  // With Docker, moto would pull an image to run a function; here functions run by themselves.
  await post(`${endpoint}/moto-api/config`, JSON.stringify({ lambda: { use_docker: false } }))
}

export async function resetMoto(endpoint: string): Promise<void> {
  await post(`${endpoint}/moto-api/reset`)
}

async function post(url: string, body?: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(30_000),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: it is not moto`)
}
