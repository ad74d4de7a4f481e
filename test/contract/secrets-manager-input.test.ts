import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { describe, expect } from 'vitest'
import { uniqueName } from './support/pool.ts'
import { useSecrets } from './support/secrets.ts'
import { accepted, refusal, refusedEach, statement } from './support/statement.ts'

const { aws, createSecret, describeSecret, put, read } = useSecrets()

const beforeItIsSigned = { step: 'build', priority: 'high' } as const

/** The request as a caller without an SDK makes it: without the token of the SDK's making. */
function withoutToken<T>(request: T): T {
  const { body } = request as { body: string }
  const input = JSON.parse(body) as Record<string, unknown>
  delete input['ClientRequestToken']
  return Object.assign(request as object, { body: JSON.stringify(input) }) as T
}

// Recorded in localstack's test_secretsmanager.snapshot.json.
describe('a call that no secret could be meant by', () => {
  const name = 'Inv *Name?'
  refusedEach<() => Promise<unknown>>(
    'a name with a forbidden character is ValidationException from every operation',
    [
      () => aws.secrets.send(new CreateSecretCommand({ Name: name })),
      () => aws.secrets.send(new CreateSecretCommand({ Name: 'arn:latchkey' })),
      () => read(name),
      () => put(name, 'x'),
      () => describeSecret(name),
      () => aws.secrets.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true })),
    ],
    (call) => call(),
  )

  statement('CreateSecret or PutSecretValue without ClientRequestToken is InvalidRequestException', async () => {
    const { arn } = await createSecret('first')
    const create = new CreateSecretCommand({ Name: uniqueName('latchkey-contract'), SecretString: 'x' })
    create.middlewareStack.add(
      (next) => (args) => next({ ...args, request: withoutToken(args.request) }),
      beforeItIsSigned,
    )
    const change = new PutSecretValueCommand({ SecretId: arn, SecretString: 'x' })
    change.middlewareStack.add(
      (next) => (args) => next({ ...args, request: withoutToken(args.request) }),
      beforeItIsSigned,
    )

    expect(await refusal(aws.secrets.send(create))).toBe('InvalidRequestException')
    expect(await refusal(aws.secrets.send(change))).toBe('InvalidRequestException')
    expect((await read(arn)).SecretString).toBe('first')
  })
})

// The service model and the page of quotas; the name as recorded in kubernetes-sigs/cluster-api-provider-aws#1531.
describe('the size of a secret', () => {
  accepted('PutSecretValue takes 65,536 bytes', async () => {
    const { arn } = await createSecret()
    return put(arn, 'é'.repeat(32_768))
  })

  statement('PutSecretValue of more than 65,536 bytes is ValidationException, however few characters', async () => {
    const { arn } = await createSecret('first')

    expect(await refusal(put(arn, 'x'.repeat(65_537)))).toBe('ValidationException')
    expect(await refusal(put(arn, 'é'.repeat(32_769)))).toBe('ValidationException')
    expect((await read(arn)).SecretString).toBe('first')
  })
})
