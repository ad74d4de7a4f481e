import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PrincipalOption } from '../../../aws/principal.ts'
import { refusal, startTestAws, type TestAws } from '../test-aws.ts'

const SecretId = 'app/password'
const account = '123456789012'
const root = `arn:aws:iam::${account}:root`
const reader = `arn:aws:iam::${account}:role/reader`
const session = `arn:aws:sts::${account}:assumed-role/reader/local`
const other = `arn:aws:iam::${account}:role/other`

type TestSecret = TestAws & { readonly arn: string; readonly asReader: SecretsManagerClient }

/** A secret of the account, and a client for the role `reader` or another. */
async function startWithSecret(role: PrincipalOption = reader): Promise<TestSecret> {
  const local = await startTestAws({ principals: new Map([['ASIAREADER', role]]) })
  const asReader = new SecretsManagerClient({
    endpoint: local.aws.url,
    region: local.aws.region,
    credentials: { accessKeyId: 'ASIAREADER', secretAccessKey: 'x' },
    maxAttempts: 1,
  })
  onTestFinished(() => {
    asReader.destroy()
  })
  const { ARN: arn = '' } = await local.secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'one' }))
  return { ...local, arn, asReader }
}

const statement = (changes: object): object => ({
  Effect: 'Allow',
  Principal: { AWS: reader },
  Action: 'secretsmanager:GetSecretValue',
  Resource: '*',
  ...changes,
})

const allow = statement({})
/** Denies everybody but the role that it names. */
const denyAllBut = (arn: string, operator = 'StringNotEquals'): object =>
  statement({ Effect: 'Deny', Principal: '*', Condition: { [operator]: { 'aws:PrincipalArn': arn } } })
const when = (operator: string, value: unknown): object =>
  statement({ Principal: '*', Condition: { [operator]: { 'aws:PrincipalArn': value } } })

const foreignReader = 'arn:aws:iam::111122223333:role/reader'
const foreign = statement({ Principal: { AWS: foreignReader } })
const foreignAccount = statement({ Principal: { AWS: '111122223333' } })
const secretArn = `arn:aws:secretsmanager:us-east-1:${account}:secret:${SecretId}-*`
const allowingRead = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secretArn }

const documentOf = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement })

function putPolicy({ secrets }: TestAws, ResourcePolicy: string, BlockPublicPolicy?: boolean): Promise<unknown> {
  return secrets.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy }))
}

/** Who may read the secret under a policy: `role`, `root`, both or nobody. */
async function readersUnder(local: TestSecret, ResourcePolicy: string): Promise<string> {
  await putPolicy(local, ResourcePolicy)
  const clients = { role: local.asReader, root: local.secrets }
  const readers: string[] = []
  for (const [name, client] of Object.entries(clients)) {
    const outcome = await refusal(client.send(new GetSecretValueCommand({ SecretId })))
    if (outcome === 'none') readers.push(name)
    else expect(outcome).toMatch(/^AccessDeniedException: /)
  }
  return readers.join(' ')
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
describe('who may read a secret', () => {
  it.each([
    ['its role allowed', [allow], 'role root'],
    ['its session allowed', [statement({ Principal: { AWS: [other, session] } })], 'role root'],
    ['everybody allowed', [statement({ Principal: '*' })], 'role root'],
    ['another role allowed', [statement({ Principal: { AWS: other } })], 'root'],
    // Whom the account allows in its turn is for identity policies to say.
    ['the account allowed', [statement({ Principal: { AWS: root } })], 'root'],
    ['the account denied', [allow, statement({ Effect: 'Deny', Principal: { AWS: account } })], ''],
    ['its role denied', [statement({ Effect: 'Deny' }), allow], 'root'],
    ['everybody else denied', [allow, denyAllBut(reader)], 'role'],
    [
      'everybody else denied, by ARN',
      [allow, denyAllBut(`arn:aws:iam::${account}:role/read*`, 'ArnNotEquals')],
      'role',
    ],
    ['everybody but another denied', [allow, denyAllBut(other)], ''],
    ['another action allowed', [statement({ Action: 'secretsmanager:DescribeSecret' })], 'root'],
    ['actions allowed by a wildcard', [statement({ Action: 'secretsmanager:Get*' })], 'role root'],
    ['another secret allowed', [statement({ Resource: 'arn:aws:secretsmanager:*:*:secret:other-*' })], 'root'],
    ['allowed on condition that holds', [when('StringEquals', [other, reader])], 'role root'],
    ['allowed on condition that does not hold', [when('StringEquals', other)], 'root'],
    ['allowed by ARN', [when('ArnEquals', `arn:aws:iam::${account}:role/*`)], 'role root'],
    ['allowed by a text with a wildcard', [when('StringEquals', `arn:aws:iam::${account}:role/*`)], 'root'],
  ])('with %s', async (_what, statements, readers) => {
    expect(await readersUnder(await startWithSecret(), documentOf(...statements))).toBe(readers)
  })

  it.each([
    ['allowed', { Effect: 'Allow' }, [statement({ Principal: { AWS: other } })], /^none$/],
    ['denied', { Effect: 'Deny' }, [allow], /explicit deny in an identity-based policy$/],
    [
      'allowed, but denied by the secret',
      { Effect: 'Allow' },
      [denyAllBut(other)],
      /explicit deny in a resource-based/,
    ],
  ])('in one account, %s by its own policy', async (_what, change, statements, outcome) => {
    const identityPolicy = { Version: '2012-10-17', Statement: [{ ...allowingRead, ...change }] }
    const local = await startWithSecret({ roleArn: reader, identityPolicy })
    await putPolicy(local, documentOf(...statements))

    expect(await refusal(local.asReader.send(new GetSecretValueCommand({ SecretId })))).toMatch(outcome)
  })

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
  it.each([
    ['both policies allow it', [foreign], allowingRead, ['none', 'denied']],
    ['the secret allows its account, and it the role', [foreignAccount], allowingRead, ['none', 'denied']],
    ['its own policy alone allows it', [allow], allowingRead, ['denied', 'denied']],
    ['the policy of the secret alone allows it', [foreign], undefined, ['denied', 'denied']],
    [
      'its own policy allows another secret',
      [foreign],
      { ...allowingRead, Resource: `${secretArn}x` },
      ['denied', 'denied'],
    ],
    ['its account is denied', [foreign, { ...foreignAccount, Effect: 'Deny' }], allowingRead, ['denied', 'denied']],
  ])('of another account, where %s', async (_what, statements, own, outcomes) => {
    const identityPolicy = own && { Version: '2012-10-17', Statement: [own] }
    const local = await startWithSecret({ roleArn: foreignReader, ...(identityPolicy && { identityPolicy }) })
    await putPolicy(local, documentOf(...statements))

    const read = refusal(local.asReader.send(new GetSecretValueCommand({ SecretId: local.arn })))
    const end = refusal(local.asReader.send(new DeleteSecretCommand({ SecretId: local.arn })))

    const told = (await Promise.all([read, end])).map((each) => each.replace(/^AccessDenied.*/, 'denied'))
    expect(told).toEqual(outcomes)
  })

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
  it('is told in the words of IAM, and never whether there is such a secret', async () => {
    const local = await startWithSecret()
    const read = (client: SecretsManagerClient, SecretId: string): Promise<string> =>
      refusal(client.send(new GetSecretValueCommand({ SecretId })))
    const denied = (who: string, what: string): string =>
      `AccessDeniedException: User: ${who} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${what}`
    const nothing = 'because no identity-based policy allows the secretsmanager:GetSecretValue action'

    expect(await read(local.asReader, SecretId)).toBe(`${denied(session, local.arn)} ${nothing}`)
    expect(await read(local.asReader, 'absent')).toBe(`${denied(session, 'absent')} ${nothing}`)
    await putPolicy(local, documentOf(denyAllBut(reader)))
    expect(await read(local.secrets, local.arn)).toBe(
      `${denied(root, local.arn)} with an explicit deny in a resource-based policy`,
    )
  })

  it('is decided for each operation by its own name', async () => {
    const local = await startWithSecret()
    await putPolicy(local, documentOf(allow, statement({ Effect: 'Deny', Action: 'secretsmanager:PutSecretValue' })))

    const describeIt = local.asReader.send(new DescribeSecretCommand({ SecretId }))
    const change = local.asReader.send(new PutSecretValueCommand({ SecretId, SecretString: 'x' }))

    expect(await refusal(describeIt)).toMatch(
      /no identity-based policy allows the secretsmanager:DescribeSecret action$/,
    )
    expect(await refusal(change)).toMatch(/with an explicit deny in a resource-based policy$/)
  })
})

describe('PutResourcePolicy', () => {
  it.each([
    ['no JSON', '{', /^MalformedPolicyDocumentException: This resource policy contains a syntax error\.$/],
    ['a list', '[]', /^MalformedPolicyDocumentException/],
    ['no statement', '{"Version":"2012-10-17"}', /^MalformedPolicyDocumentException/],
    ['an empty list of statements', documentOf(), /^MalformedPolicyDocumentException/],
    ['another effect', documentOf(statement({ Effect: 'AllowSomething' })), /^MalformedPolicyDocumentException/],
    ['no principal', documentOf(statement({ Principal: undefined })), /^MalformedPolicyDocumentException/],
    [
      'a wildcard in a principal',
      documentOf(statement({ Principal: { AWS: `${reader}*` } })),
      /unsupported principal\.$/,
    ],
    ['no resource', documentOf(statement({ Resource: undefined })), /^MalformedPolicyDocumentException/],
    ['a condition that is none', documentOf(statement({ Condition: 'x' })), /^MalformedPolicyDocumentException/],
    ['NotPrincipal', documentOf(statement({ NotPrincipal: '*' })), /^InvalidParameterException: .*not implemented/],
    ['a service', documentOf(statement({ Principal: { Service: 'x' } })), /^InvalidParameterException: .*not impl/],
    ['another operator', documentOf(when('StringLike', '*')), /^InvalidParameterException: .*not implemented/],
    ['more than 20,480 characters', documentOf(allow).padEnd(20_481), /^ValidationException/],
    [
      'nobody left to manage the secret',
      documentOf(statement({ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:*' })),
      /^MalformedPolicyDocumentException: Your requested changes will not allow you to manage this secret/,
    ],
  ])('refuses a policy with %s, and keeps the one before', async (_what, policy, error) => {
    const local = await startWithSecret()
    await putPolicy(local, documentOf(allow))

    expect(await refusal(putPolicy(local, policy))).toMatch(error)
    const { ResourcePolicy } = await local.secrets.send(new GetResourcePolicyCommand({ SecretId }))
    expect(ResourcePolicy).toBe(documentOf(allow))
  })

  it('takes a policy of 20,480 characters', async () => {
    expect(await refusal(putPolicy(await startWithSecret(), documentOf(allow).padEnd(20_480)))).toBe('none')
  })

  it.each([
    ['everybody', statement({ Principal: '*' }), /^PublicPolicyException/],
    ['everybody, in a list', statement({ Principal: { AWS: [reader, '*'] } }), /^PublicPolicyException/],
    ['all but one', when('StringNotEquals', reader), /^PublicPolicyException/],
    ['roles of any account', when('ArnEquals', 'arn:aws:iam::*:role/reader'), /^PublicPolicyException/],
    ['roles of one account', when('ArnEquals', `arn:aws:iam::${account}:role/*`), /^none$/],
    ['one role', allow, /^none$/],
  ])('with BlockPublicPolicy allows %s or not', async (_whom, allowed, outcome) => {
    const local = await startWithSecret()

    expect(await refusal(putPolicy(local, documentOf(allowed), true))).toMatch(outcome)
    expect(await refusal(putPolicy(local, documentOf(allowed)))).toBe('none')
  })

  it('is undone by DeleteResourcePolicy', async () => {
    const local = await startWithSecret()
    await putPolicy(local, documentOf(denyAllBut(reader)))

    await local.secrets.send(new DeleteResourcePolicyCommand({ SecretId: local.arn }))

    const shown = await local.secrets.send(new GetResourcePolicyCommand({ SecretId: local.arn }))
    expect(shown).toMatchObject({ ARN: local.arn, Name: SecretId })
    expect(shown).not.toHaveProperty('ResourcePolicy')
    expect(await refusal(local.secrets.send(new GetSecretValueCommand({ SecretId })))).toBe('none')
  })

  it('of a secret that waits to be deleted is refused, like the rest', async () => {
    const local = await startWithSecret()
    await local.secrets.send(new DeleteSecretCommand({ SecretId }))

    for (const call of [
      putPolicy(local, documentOf(allow)),
      local.secrets.send(new GetResourcePolicyCommand({ SecretId })),
      local.secrets.send(new DeleteResourcePolicyCommand({ SecretId })),
    ]) {
      expect(await refusal(call)).toMatch(/^InvalidRequestException: .* it was marked for deletion\.$/)
    }
  })
})
