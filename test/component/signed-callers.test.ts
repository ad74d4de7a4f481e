import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SigningCredential } from '../../infra/emulators/gateway/signing-credential.ts'
import { toEnvironment } from '#infra/local/pair-credentials.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { goodPassword, serviceUserRequest } from '../support/requests.ts'
import { canSign, curl, whySkipped } from '../../infra/emulators/test/gateway/curl.ts'

let pair: Pair

beforeAll(async () => {
  pair = await startPair({ iam: true })
})

afterAll(() => pair.close())

function signers(): NonNullable<Pair['signers']> {
  if (pair.signers === undefined) throw new Error('the pair was started without --iam')
  return pair.signers
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** `npm run users` as a process, which has nothing in its environment but these credentials. */
async function create(username: string, credential: SigningCredential): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [
      'infra/cli/users/main.ts',
      ...['create', username, '--human', 'alice@example.com'],
      ...['--url', pair.app1Url, '--region', region, '--json'],
    ],
    { cwd: new URL('../../', import.meta.url), env: toEnvironment(credential) },
  )
  child.stdin.end(`${goodPassword}\n`)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ])
  return { code, stdout, stderr }
}

describe('App1 behind signatures', () => {
  it('npm run users creates a user as the role on App1’s list, which App1 knows by the signature alone', async () => {
    const { code, stdout, stderr } = await create('signed-1', signers().caller)

    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, username: 'signed-1', created_by: 'alice@example.com' })
  })

  it('a role that may invoke App1 and is not on its list is refused by App1', async () => {
    const { code, stdout } = await create('signed-2', signers().stranger)

    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, status: 403, code: 'forbidden' })
  })

  it('an unsigned request is refused by the gateway', async () => {
    const response = await fetch(`${pair.app1Url}/create-service-user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(serviceUserRequest({ username: 'signed-3' })),
    })

    expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}'])
  })

  it.skipIf(!canSign)(`curl creates a user as well${whySkipped}`, async () => {
    const answer = await curl(`${pair.app1Url}/create-service-user`, {
      credential: signers().caller,
      body: JSON.stringify(serviceUserRequest({ username: 'signed-4' })),
    })

    expect(answer.status).toBe(201)
    expect(JSON.parse(answer.body)).toMatchObject({ username: 'signed-4' })
  })
})
