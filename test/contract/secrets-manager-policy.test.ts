import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect } from 'vitest'
import { useSecrets } from './support/secrets.ts'
import { accepted, refusal, refusedEach, statement } from './support/statement.ts'

const { aws, createSecret } = useSecrets()

const accountOf = (arn: string): string => arn.split(':')[4] ?? ''

/** The account itself is a principal that AWS finds in every account. */
function policyOf(arn: string, changes: object = {}): string {
  const allow = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountOf(arn)}:root` },
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ ...allow, ...changes }] })
}

function putPolicy(SecretId: string, ResourcePolicy: string, BlockPublicPolicy?: boolean): Promise<unknown> {
  return aws.secrets.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy }))
}

async function readPolicy(SecretId: string): Promise<unknown> {
  const { ResourcePolicy: text } = await aws.secrets.send(new GetResourcePolicyCommand({ SecretId }))
  return text === undefined ? undefined : JSON.parse(text)
}

// API_PutResourcePolicy.html
describe('the resource policy of a secret', () => {
  statement('GetResourcePolicy gives back what PutResourcePolicy took, under the name and the ARN', async () => {
    const { arn, name } = await createSecret()
    const policy = policyOf(arn)

    await putPolicy(name, policy)

    expect(await readPolicy(arn)).toMatchObject({ Statement: [{ Effect: 'Allow', Resource: '*' }] })
    expect(await readPolicy(name)).toEqual(JSON.parse(policy))
  })

  statement('GetResourcePolicy leaves out a policy that was never put, or is deleted', async () => {
    const { arn } = await createSecret()
    const before = await readPolicy(arn)
    await putPolicy(arn, policyOf(arn))

    await aws.secrets.send(new DeleteResourcePolicyCommand({ SecretId: arn }))

    expect([before, await readPolicy(arn)]).toEqual([undefined, undefined])
  })

  statement('PutResourcePolicy of a public policy that is to be blocked is PublicPolicyException', async () => {
    const { arn } = await createSecret()
    const names: string[] = []

    for (const Principal of ['*', { AWS: '*' }])
      names.push(await refusal(putPolicy(arn, policyOf(arn, { Principal }), true)))

    expect(names).toEqual(['PublicPolicyException', 'PublicPolicyException'])
    expect(await readPolicy(arn)).toBeUndefined()
  })

  accepted('PutResourcePolicy takes a Deny of everybody but one, also where public policies are blocked', async () => {
    const { arn } = await createSecret()
    const Condition = { StringNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${accountOf(arn)}:role/reader` } }
    // Of RestoreSecret, so that whoever runs the suite can still delete the secret.
    const denial = { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:RestoreSecret', Condition }
    return putPolicy(arn, policyOf(arn, denial), true)
  })

  refusedEach(
    'PutResourcePolicy of what is no JSON or no policy is MalformedPolicyDocumentException',
    [
      '{',
      '{"Version":"2012-10-17"}',
      policyOf('', { Effect: 'AllowSomething' }),
      policyOf('', { Principal: undefined }),
    ],
    async (policy) => putPolicy((await createSecret()).arn, policy),
  )

  statement('PutResourcePolicy of more than 20,480 characters is ValidationException', async () => {
    const { arn } = await createSecret()

    expect(await refusal(putPolicy(arn, policyOf(arn).padEnd(20_480)))).toBe('none')
    expect(await refusal(putPolicy(arn, policyOf(arn).padEnd(20_481)))).toBe('ValidationException')
  })
})
