import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bundleFunctions, type FunctionName } from '../../../../infra/bundle/bundle.ts'
import { startLocalAws, type LocalAws } from '../../../../infra/local/aws/server.ts'
import { inWorker, type WorkerFunction } from '../../../../infra/local/gateway/lambda-function.ts'
import { startPair, type Pair } from '../../../../infra/local/pair.ts'
import { bearer, post, serviceToken } from '../../../support/in-process-pair.ts'
import { goodPassword, serviceUserRequest } from '../../../support/requests.ts'
import { testPool } from '../../../support/tokens.ts'

let folder: string
let bundled: (name: FunctionName, environment: Readonly<Record<string, string>>, timeoutMs?: number) => WorkerFunction

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-bundled-pair-'))
  const bundles = await bundleFunctions({ outputFolder: folder })
  const files = new Map(bundles.map(({ name, file }) => [name, file]))
  bundled = (name, environment, timeoutMs = 10_000) =>
    inWorker({ name, timeoutMs, environment, handlerModule: pathToFileURL(files.get(name) ?? '') })
}, 30_000)

afterAll(() => rm(folder, { recursive: true }))

async function installedVersion(client: string): Promise<string> {
  const manifest = new URL(`../../../../node_modules/@aws-sdk/${client}/package.json`, import.meta.url)
  return (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version
}

describe('the bundled functions, put together', () => {
  let aws: LocalAws
  let pair: Pair

  beforeAll(async () => {
    aws = await startLocalAws()
    pair = await startPair({
      awsEndpoint: aws.url,
      startFunction: ({ name, environment, timeoutMs }) => bundled(name, environment, timeoutMs),
    })
  }, 30_000)

  afterAll(async () => {
    await pair.close()
    await aws.close()
  })

  it('create a user, who signs in and is served', async () => {
    const created = await post(`${pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'bundled' }))
    const token = await serviceToken(pair, 'bundled', goodPassword)
    const served = await post(`${pair.app2Url}/sample`, { data: { request_id: 'r', payload: 1 } }, bearer(token))

    expect(created.status).toBe(201)
    expect(served.status).toBe(200)
  })

  it('know AWS’s errors by name: a username that exists is a conflict', async () => {
    const body = serviceUserRequest({ username: 'twice' })
    const first = await post(`${pair.app1Url}/create-service-user`, body)

    const second = await post(`${pair.app1Url}/create-service-user`, body)

    expect([first.status, second.status]).toEqual([201, 409])
    expect(second.body).toMatchObject({ code: 'user_exists' })
  })
})

describe('a bundled SDK client', () => {
  it('names its version to AWS, and takes no setting from a configuration file', async () => {
    const userAgents: (string | undefined)[] = []
    const server = http.createServer((request, response) => {
      userAgents.push(request.headers['user-agent'])
      response.writeHead(400).end('{"__type":"ResourceNotFoundException"}')
    })
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const configFile = join(folder, 'config')
    // With an endpoint of one's own the SDK refuses this setting, and sends nothing.
    await writeFile(configFile, '[default]\nuse_fips_endpoint = true\n')
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:machine-AbCdEf'
    const rotation = bundled('machine-credential-rotation', {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_CONFIG_FILE: configFile,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      USER_POOL_ID: testPool.userPoolId,
      MACHINE_CLIENT_ID: testPool.machineClientId,
      MACHINE_SECRET_ARN: secretArn,
    })
    onTestFinished(() => rotation.close())

    const event = { Step: 'createSecret', SecretId: secretArn, ClientRequestToken: 'a'.repeat(36) }
    await expect(rotation.invoke(event)).rejects.toThrow('DescribeSecret failed: ResourceNotFoundException')

    expect(userAgents).toHaveLength(1)
    expect(userAgents[0]).toContain(`aws-sdk-js/${await installedVersion('client-secrets-manager')} `)
  })
})
