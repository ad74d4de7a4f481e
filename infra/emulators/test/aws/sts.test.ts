import { AdminGetUserCommand, CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
  type CreateSecretCommandOutput,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { startLocalAws } from '../../aws/server.ts'
import { addUser, refusal, signIn, startTestAws, startTestPool } from './test-aws.ts'

const identity = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=local' }

function send(url: string, form: Record<string, string>, headers: Record<string, string> = signed): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) })
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
describe('STS, in the AWS Query protocol', () => {
  it('says that whoever signs is the root of the one account', async () => {
    const { aws } = await startTestAws()

    const response = await send(aws.url, identity)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/xml')
    const requestId = response.headers.get('x-amzn-requestid') ?? ''
    expect(await response.text()).toBe(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
        '<Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account>' +
        `</GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
        '</GetCallerIdentityResponse>',
    )
    expect(aws.calls).toMatchObject([{ operation: 'GetCallerIdentity', error: undefined }])
  })

  it.each([
    ['ASIAREADER', 'arn:aws:sts::123456789012:assumed-role/reader/local', '123456789012'],
    ['ASIAOTHER', 'arn:aws:sts::111122223333:assumed-role/reader/local', '111122223333'],
    ['AKIAOTHER', 'arn:aws:iam::111122223333:root', '111122223333'],
    ['ASIAREADERS', 'arn:aws:iam::123456789012:root', '123456789012'],
    ['asiareader', 'arn:aws:iam::123456789012:root', '123456789012'],
  ])('names the caller of the access key id %s %s, of the account %s', async (accessKeyId, arn, accountId) => {
    const { aws } = await startTestAws({
      principals: new Map([
        ['ASIAREADER', 'arn:aws:iam::123456789012:role/service-role/reader'],
        ['ASIAOTHER', 'arn:aws:iam::111122223333:role/reader'],
        ['AKIAOTHER', 'arn:aws:iam::111122223333:root'],
      ]),
    })
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/sts/aws4_request, Signature=0`

    const answer = await (await send(aws.url, identity, { authorization })).text()

    expect(/<Arn>(.*)<\/Arn>/.exec(answer)?.[1]).toBe(arn)
    expect(answer).toContain(`<Account>${accountId}</Account>`)
  })

  it.each([
    'arn:aws:iam::123456789012:user/reader',
    'arn:aws:sts::123456789012:assumed-role/reader/local',
    'arn:aws:iam::123456789012:role/',
  ])('does not start with the principal %s', async (arn) => {
    await expect(startLocalAws({ principals: new Map([['ASIAREADER', arn]]) })).rejects.toBeInstanceOf(RangeError)
  })

  it.each([
    ['without a signature', identity, {}, 403, 'MissingAuthenticationToken'],
    ['of another action', { ...identity, Action: 'AssumeRole' }, signed, 400, 'InvalidAction'],
    ['of no action', {}, signed, 400, 'InvalidAction'],
    // A page of the web can send a form; InitiateAuth needs no signature.
    ['of Cognito', { Action: 'InitiateAuth', Version: 'AWSCognitoIdentityProviderService' }, {}, 400, 'InvalidAction'],
  ])('refuses a form %s', async (_what, form, headers, status, code) => {
    const { aws } = await startTestAws()

    const response = await send(aws.url, form, headers)

    expect(response.status).toBe(status)
    expect(await response.text()).toMatch(
      new RegExp(`^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender</Type><Code>${code}</Code><Message>`),
    )
  })

  it.each([
    ['internal_error', 500, '<Type>Receiver</Type><Code>InternalFailure</Code>'],
    ['access_denied', 403, '<Type>Sender</Type><Code>AccessDenied</Code>'],
  ] as const)('fails on demand with %s in the words of this protocol', async (kind, status, words) => {
    const { aws } = await startTestAws({
      faults: [{ operation: 'GetCallerIdentity', kind, when: 'before', calls: { next: 1 } }],
    })

    const response = await send(aws.url, identity)

    expect(response.status).toBe(status)
    expect(await response.text()).toContain(words)
  })
})

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
describe('a caller of another account', () => {
  const principals = new Map([['AKIAOTHER', 'arn:aws:iam::111122223333:root']])
  const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' }

  it('makes secrets in its own account, under names of its own', async () => {
    const { aws, secrets } = await startTestAws({ principals })
    const others = new SecretsManagerClient({ endpoint: aws.url, region: aws.region, credentials })
    const make = (client: SecretsManagerClient, SecretString: string): Promise<CreateSecretCommandOutput> =>
      client.send(new CreateSecretCommand({ Name: 'app/password', SecretString }))

    const [mine, theirs] = [await make(secrets, 'mine'), await make(others, 'theirs')]

    expect([mine.ARN, theirs.ARN].map((arn) => arn?.split(':')[4])).toEqual(['123456789012', '111122223333'])
    const { SecretList } = await others.send(new ListSecretsCommand({}))
    expect(SecretList?.map(({ ARN }) => ARN)).toEqual([theirs.ARN])
    const read = new GetSecretValueCommand({ SecretId: 'app/password' })
    expect((await others.send(read)).SecretString).toBe('theirs')
    expect(await refusal(others.send(new GetSecretValueCommand({ SecretId: mine.ARN })))).toMatch(/^AccessDenied/)
    others.destroy()
  })

  it('is refused a user pool, whose users sign in all the same', async () => {
    const pool = await startTestPool({ aws: { principals } })
    await addUser(pool, 'alice')
    const { aws, poolId: UserPoolId, clientId } = pool
    const others = new CognitoIdentityProviderClient({ endpoint: aws.url, region: aws.region, credentials })

    const look = refusal(others.send(new AdminGetUserCommand({ UserPoolId, Username: 'alice' })))
    const signedIn = await signIn({ ...pool, cognito: others, clientId }, 'alice')

    expect(await look).toMatch(/^AccessDeniedException: /)
    expect(signedIn.AuthenticationResult?.AccessToken).toBeDefined()
    others.destroy()
  })
})
