// A service that has an account created by App1: it signs as its own IAM role, keeps the request under an idempotency
// key, and repeats what may be repeated. It imports nothing of Latchkey, so it can be copied as it stands. Node 22.18 or newer
// runs it; the last argument is the key of an earlier run, to ask again.
//
//   APP1_URL=https://….execute-api.eu-west-1.amazonaws.com AWS_REGION=eu-west-1 \
//   node docs/examples/create-service-user.ts orders-worker alice@example.com [key] <password-file
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SignatureV4 } from '@smithy/signature-v4'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

type NewUser = { readonly username: string; readonly password: string; readonly human_user_id: string }

const url = new URL(`${process.env['APP1_URL'] ?? ''}/create-service-user`)
// Any client of the SDK knows the Region and the credentials as the default provider chain finds them.
const { region, credentials, sha256 } = new SecretsManagerClient().config
const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256 })

/** Without credentials no attempt helps, so the SDK's own reason ends the program. */
async function sign(request: Parameters<typeof signer.sign>[0]): ReturnType<typeof signer.sign> {
  try {
    return await signer.sign(request)
  } catch (error) {
    throw new NotSignedError('the request could not be signed', { cause: error })
  }
}

class NotSignedError extends Error {}

/** One attempt, signed anew: a signature is good for five minutes. */
async function attempt(body: string, idempotencyKey: string): Promise<Response> {
  const request = {
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body,
  }
  const { headers } = await sign(request)
  // Covered by the signature, and written by fetch itself.
  delete headers['host']
  // API Gateway gives App1 30 s. A redirect is no answer of App1's.
  return fetch(url, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(35_000) })
}

/** Whether the same request may be sent again: it was throttled, it failed, or nobody knows what came of it. */
const repeatable = (response: Response | undefined): boolean =>
  response === undefined || response.status === 429 || response.status >= 500

/**
 * The answer of App1, which is final: the user is there, or this request can never make it. The key is kept with the
 * request (here: in memory; in a real service, where the request itself is kept), so that a repeat is known as one.
 */
async function createServiceUser(user: NewUser, idempotencyKey: string): Promise<Response> {
  const body = JSON.stringify(user)
  for (let round = 0; ; round += 1) {
    const response = await attempt(body, idempotencyKey).catch((error: unknown) => {
      if (error instanceof NotSignedError) throw error
      return undefined
    })
    if (response !== undefined && (!repeatable(response) || round === 7)) return response
    if (round === 7) throw new Error(`App1 gave no answer; ask again with the key ${idempotencyKey}`)
    // Full jitter: a random time up to 1 s, 2 s, 4 s … 30 s, and never before the time that the answer names.
    const backOff = Math.random() * Math.min(30, 2 ** round)
    await sleep(1_000 * Math.max(backOff, Number(response?.headers.get('retry-after') ?? 0)))
  }
}

const [username = '', human_user_id = '', idempotencyKey = randomUUID()] = process.argv.slice(2)
const password = readFileSync(0, 'utf8').trim()
const response = await createServiceUser({ username, password, human_user_id }, idempotencyKey)
const answer = (await response.json()) as { code?: string; provisioning_id?: string }
console.log(response.status, answer.code ?? answer.provisioning_id)
process.exitCode = response.status === 201 ? 0 : 1
