import { once } from 'node:events'
import http from 'node:http'
import { CreateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { post, startTestAws } from './test-aws.ts'

const listUserPools = 'AWSCognitoIdentityProviderService.ListUserPools'
const createUserPool = 'AWSCognitoIdentityProviderService.CreateUserPool'
const limitBytes = 1024 * 1024

describe('the AWS JSON protocol', () => {
  it('answers a result as AWS JSON with a request id', async () => {
    const { aws } = await startTestAws()

    const response = await post(aws, listUserPools, { body: '{"MaxResults":1}' })

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await response.json()).toEqual({ UserPools: [] })
  })

  it('answers an error with its type in body and header', async () => {
    const { aws } = await startTestAws()

    const response = await post(aws, 'AWSCognitoIdentityProviderService.DescribeUserPool', {
      body: '{"UserPoolId":"us-east-1_absent"}',
    })

    expect(response.status).toBe(400)
    expect(response.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException')
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await response.json()).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'User pool us-east-1_absent does not exist.',
    })
  })

  const unsigned = { type: 'MissingAuthenticationTokenException', status: 400 }
  const unknown = { type: 'UnknownOperationException', status: 400 }
  const unsupported = { type: 'UnsupportedMediaTypeException', status: 415 }
  const serialization = { type: 'SerializationException', status: 400 }

  it.each<[string, string, Parameters<typeof post>[2], { type: string; status: number }]>([
    ['no target', '', {}, unknown],
    ['an unknown service', 'Nobody.ListUserPools', {}, unknown],
    ['an unknown operation', 'AWSCognitoIdentityProviderService.SignUp', {}, unknown],
    ['a name that every object has', 'AWSCognitoIdentityProviderService.constructor', {}, unknown],
    ['an operation of another service', 'TrentService.ListUserPools', {}, unknown],
    ['no Authorization', listUserPools, { headers: { authorization: '' } }, unsigned],
    ['a scheme that is not SigV4', listUserPools, { headers: { authorization: 'Bearer token' } }, unsigned],
    ['text/plain', listUserPools, { headers: { 'content-type': 'text/plain' } }, unsupported],
    ['application/json', listUserPools, { headers: { 'content-type': 'application/json' } }, unsupported],
    ['half an object', listUserPools, { body: '{"MaxResults":' }, serialization],
    ['null', listUserPools, { body: 'null' }, serialization],
    ['an array', listUserPools, { body: '[]' }, serialization],
    ['a string', listUserPools, { body: '"MaxResults"' }, serialization],
    ['bytes that are not UTF-8', listUserPools, { body: Uint8Array.from([0x7b, 0xff, 0x7d]) }, serialization],
    ['a string for an integer', listUserPools, { body: '{"MaxResults":"1"}' }, serialization],
    ['a fraction for an integer', listUserPools, { body: '{"MaxResults":1.5}' }, serialization],
  ])('refuses %s', async (_what, target, request, { type, status }) => {
    const { aws } = await startTestAws()

    const response = await post(aws, target, request)

    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ __type: type })
  })

  it.each([
    ['GET', '/'],
    ['PUT', '/'],
    ['POST', '/elsewhere'],
  ])('answers 404 to %s %s', async (method, path) => {
    const { aws } = await startTestAws()

    const response = await fetch(aws.url + path, { method })

    expect(response.status).toBe(404)
  })

  it.each(['InitiateAuth', 'GetTokensFromRefreshToken', 'RevokeToken', 'GetUser', 'GetClientToken'])(
    'lets %s pass without a signature',
    async (operation) => {
      const { aws } = await startTestAws()
      const headers = { authorization: '' }

      const response = await post(aws, `AWSCognitoIdentityProviderService.${operation}`, { headers })

      expect(await response.json()).toMatchObject({ __type: 'InvalidParameterException' })
    },
  )

  it.each([
    ['secretsmanager.GetSecretValue', '{"SecretId":"absent"}', { Message: expect.any(String) as string }],
    ['TrentService.DisableKey', '{"KeyId":"absent"}', { message: expect.any(String) as string }],
    // KMS says of a ciphertext that it cannot open, and of nothing else, no word.
    ['TrentService.Decrypt', '{"CiphertextBlob":"AQ=="}', {}],
  ])('calls the sentence of an exception what the model of the service does: %s', async (target, body, sentence) => {
    const { aws } = await startTestAws()

    const response = await post(aws, target, { body })

    expect(await response.json()).toEqual({ __type: expect.stringMatching(/Exception$/) as string, ...sentence })
  })

  it('takes an empty body and a null member as members that are absent', async () => {
    const { aws } = await startTestAws()
    const missing = {
      __type: 'InvalidParameterException',
      message:
        "1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null",
    }

    const empty = await post(aws, listUserPools, { body: '' })
    const withNull = await post(aws, listUserPools, { body: '{"MaxResults":null}' })

    expect(await empty.json()).toEqual(missing)
    expect(await withNull.json()).toEqual(missing)
  })

  it.each([
    [limitBytes, 200],
    [limitBytes + 1, 413],
  ])('answers a body of %i bytes with %i, whatever the case and the parameter of its type', async (bytes, status) => {
    const { aws } = await startTestAws()
    const headers = { 'content-type': 'Application/X-Amz-Json-1.1; charset=utf-8' }

    const response = await post(aws, listUserPools, { headers, body: '{"MaxResults":1}'.padEnd(bytes) })

    expect(response.status).toBe(status)
  })

  it('refuses a foreign Host, as a rebound DNS name would send it', async () => {
    const { aws } = await startTestAws()
    const send = async (method: string, path: string, host: string): Promise<number | undefined> => {
      const request = http.request(aws.url + path, { method, headers: { host } }).end()
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      response.resume()
      return response.statusCode
    }

    const statuses = await Promise.all([
      send('POST', '/', 'attacker.example'),
      send('POST', '/', 'localhost.attacker.example:4566'),
      send('GET', '/us-east-1_x/.well-known/jwks.json', 'attacker.example'),
      send('POST', '/', 'localhost:4566'),
    ])

    expect(statuses).toEqual([403, 403, 404, 415])
  })

  it('never repeats a value that it refuses', async () => {
    const { aws } = await startTestAws()

    const response = await post(aws, createUserPool, { body: JSON.stringify({ PoolName: '<canary>', Policies: 7 }) })
    const named = await post(aws, createUserPool, { body: JSON.stringify({ PoolName: '<canary>' }) })

    expect(await response.text()).not.toContain('canary')
    expect(await named.json()).toEqual({
      __type: 'InvalidParameterException',
      message:
        "1 validation error detected: Value at 'poolName' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: [\\w\\s+=,.@-]+',
    })
  })

  it('survives a client that goes away in the middle of a body', async () => {
    const { aws, cognito } = await startTestAws()

    await new Promise<void>((resolve) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'content-length': 1000 }
      const request = http.request(aws.url, { method: 'POST', headers })
      request.on('error', () => {
        resolve()
      })
      request.write('{', () => request.destroy(new Error('gone')))
    })
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'after' }))

    expect(UserPool?.Name).toBe('after')
    expect(aws.calls).toHaveLength(1)
  })
})
