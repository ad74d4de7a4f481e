import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { beforeAll, describe, expect } from 'vitest'
import * as z from 'zod/mini'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { usePool } from './support/pool.ts'
import { statement } from './support/statement.ts'
import { verify } from './support/tokens.ts'
import { getUser, initiateAuth } from './support/users.ts'

const pool = usePool()

const machineSecret = z.strictObject({
  username: z.string(),
  password: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
  idempotency_secret: z.string(),
})

async function readSecret(which: { VersionStage?: string } = {}): Promise<unknown> {
  const { SecretString: text = '' } = await pool().secrets.send(
    new GetSecretValueCommand({ SecretId: pool().machineSecretArn, VersionStage: 'AWSCURRENT', ...which }),
  )
  return JSON.parse(text)
}

describe('what the set-up makes from the templates', () => {
  statement('the key seals and opens', async () => {
    const keyId = pool().passwordKeyArn
    const { CiphertextBlob: blob } = await pool().kms.send(
      new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x') }),
    )

    const { Plaintext: opened = [] } = await pool().kms.send(new DecryptCommand({ KeyId: keyId, CiphertextBlob: blob }))

    expect(Buffer.from(opened).toString()).toBe('x')
  })

  statement('the secret is born with the key of the provisioning ids and nothing else', async () => {
    expect(await readSecret()).toEqual({ idempotency_secret: expect.stringMatching(/^[A-Za-z0-9]{64}$/) as string })
  })
})

describe('what the set-up makes of the machine user', () => {
  beforeAll(async () => {
    const { cognito, secrets } = pool()
    await makeMachineCredentials({ cognito, secrets, provisioned: pool() })
  })

  statement('the current version of the secret keeps the key of the provisioning ids of the one before', async () => {
    const before = z.object({ idempotency_secret: z.string() }).parse(await readSecret({ VersionStage: 'AWSPREVIOUS' }))

    const current = machineSecret.parse(await readSecret())

    expect(current.idempotency_secret).toBe(before.idempotency_secret)
    expect(current.client_id).toBe(pool().machineClientId)
    expect(current.username).toMatch(/^latchkey-machine-[a-z0-9]{26}$/)
  })

  statement('the machine user is CONFIRMED', async () => {
    const { username } = machineSecret.parse(await readSecret())

    const user = await getUser(pool(), username)

    expect(user.UserStatus).toBe('CONFIRMED')
  })

  statement('the secret opens a session of the machine client in both of its groups', async () => {
    const secret = machineSecret.parse(await readSecret())

    const { AuthenticationResult: result } = await initiateAuth(pool(), {
      client: { id: secret.client_id, secret: secret.client_secret },
      username: secret.username,
      password: secret.password,
    })

    const claims = await verify(pool(), result?.AccessToken ?? '', pool().clients.machine)
    expect(z.array(z.string()).parse(claims['cognito:groups']).toSorted()).toEqual(['api-admin', 'api-client'])
  })
})
