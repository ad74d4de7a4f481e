// A pool of its own for each file of the contract suite, made from the templates and deleted afterwards.
import { DeleteUserPoolCommand, DescribeUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider'
import { ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { applyTemplates, type Provisioned } from '#infra/local/set-up/apply-templates.ts'
import type { ClientKind } from '#shared/access-rules.ts'
import { connectToAws, type Aws } from './environment.ts'
import { refusal } from './statement.ts'

export type AppClient = { readonly id: string; readonly secret: string }

export type Pool = Aws & Provisioned & { readonly clients: Readonly<Record<ClientKind, AppClient>> }

/** Registers the hooks of a file. The function that it returns gives the pool, inside of tests. */
export function usePool(): () => Pool {
  let aws: Aws | undefined
  let pool: Pool | undefined
  beforeAll(async () => {
    aws = await connectToAws()
    const templatesFolder = new URL('../../../infra/templates/', import.meta.url)
    const provisioned = await applyTemplates({ ...aws, templatesFolder })
    const { machineClientId, serviceClientId } = provisioned
    if (machineClientId === undefined) throw new Error('the templates of the password mode have a machine client')
    const clients = {
      machine: { id: machineClientId, secret: await clientSecret(aws, provisioned, machineClientId) },
      service: { id: serviceClientId, secret: await clientSecret(aws, provisioned, serviceClientId) },
    }
    pool = { ...aws, ...provisioned, clients }
  })
  afterAll(async () => {
    if (pool !== undefined) await deletePool(pool)
    await aws?.close()
  })
  return () => {
    if (pool === undefined) throw new Error('there is a pool only while tests run')
    return pool
  }
}

async function deletePool(pool: Pool): Promise<void> {
  await pool.cognito.send(new DeleteUserPoolCommand({ UserPoolId: pool.userPoolId }))
  await pool.secrets.send(
    new DeleteSecretCommand({ SecretId: pool.machineSecretArn, ForceDeleteWithoutRecovery: true }),
  )
  await deleteKey(pool, pool.passwordKeyArn)
}

/** In seven days, the earliest that KMS offers. Refusals pass: an emulator forgets its keys when it stops. */
export async function deleteKey({ kms }: Pick<Aws, 'kms'>, arn: string): Promise<void> {
  const KeyId = arn.split('/').at(-1)
  await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })))
}

export function uniqueName(prefix = 'user'): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`
}

async function clientSecret({ cognito }: Aws, { userPoolId }: Provisioned, clientId: string): Promise<string> {
  const { UserPoolClient: client } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }),
  )
  if (client?.ClientSecret === undefined) throw new Error('the client has no secret')
  return client.ClientSecret
}
