// A service that has an account created by App1: it signs as its own IAM role, keeps the request under an idempotency
// key, and repeats what may be repeated, all of which the client does (shared/client). Node 22.18 or newer runs it; the last argument
// is the key of an earlier run, to ask again.
//
//   APP1_URL=https://….execute-api.eu-west-1.amazonaws.com AWS_REGION=eu-west-1 \
//   node docs/examples/create-service-user.ts orders-worker alice@example.com [key] <password-file
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { createLatchkeyClient } from '@latchkey/client'
import { createServiceUser } from '@latchkey/client/operations'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { APP1_URL: url = '', AWS_REGION: region = '' } = process.env
const client = createLatchkeyClient({ url, region, credentials: fromNodeProviderChain() })

// The key is kept with the request (here: in memory; in a real service, where the request itself is kept), so that a repeat
// is known as one, also by another process.
const [username = '', human_user_id = '', key = randomUUID()] = process.argv.slice(2)
const password = readFileSync(0, 'utf8').trim()
const body = { username, password, human_user_id }
const answer = await createServiceUser({ client, body, headers: { 'Idempotency-Key': key } })

if (answer.ok) {
  // 200 would be the answer to a dry run.
  if (answer.status === 201) console.log(answer.status, answer.data.provisioning_id)
} else {
  console.log(answer.status ?? 'no answer', answer.code)
  // Final, where nothing was done: this request can never make the user.
  if (answer.outcome !== 'none') console.log(`ask again with the key ${key}`)
}
process.exitCode = answer.ok ? 0 : 1
