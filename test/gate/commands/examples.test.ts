// The programs of docs/examples, as they stand, against a pair whose App1 takes signed requests alone.
import { AdminDisableUserCommand, DescribeUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SigningCredential } from '../../../infra/emulators/gateway/signing-credential.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { ended, run } from '../../support/commands.ts'
import { listen } from '../../support/listen.ts'
import { goodPassword } from '../../support/requests.ts'

let pair: Pair

beforeAll(async () => {
  pair = await startPair({ iam: true })
})

afterAll(async () => {
  await pair.close()
})

type Outcome = { readonly status: number | null; readonly text: string }

async function example(file: string, input: string, environment: Record<string, string>, args: readonly string[] = []) {
  const command = run(`docs/examples/${file}`, { environment: { AWS_REGION: region, ...environment }, args })
  command.child.stdin.end(input)
  return { status: await ended(command), text: command.text() } satisfies Outcome
}

function createAs(signer: SigningCredential | undefined, username: string, APP1_URL = pair.app1Url): Promise<Outcome> {
  const environment = {
    APP1_URL,
    AWS_ACCESS_KEY_ID: signer?.accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: signer?.secretAccessKey ?? '',
    AWS_SESSION_TOKEN: signer?.sessionToken ?? '',
  }
  return example('create-service-user.ts', goodPassword, environment, [username, 'alice@example.com'])
}

async function callSample(username: string, password: string): Promise<Outcome> {
  const { userPoolId: UserPoolId, serviceClientId: ClientId } = pair.provisioned
  const { UserPoolClient: client } = await pair.clients.cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId, ClientId }),
  )
  const credentials = { username, password, region, client_id: ClientId, client_secret: client?.ClientSecret }
  const environment = { APP2_URL: pair.app2Url, AWS_ENDPOINT_URL: pair.awsUrl }
  return example('service-user.ts', JSON.stringify(credentials), environment)
}

describe('docs/examples', () => {
  it('create a user that signs in and is served, until it is disabled', async () => {
    const created = await createAs(pair.signers?.caller, 'example-worker')
    const served = await callSample('example-worker', goodPassword)
    await pair.clients.cognito.send(
      new AdminDisableUserCommand({ UserPoolId: pair.provisioned.userPoolId, Username: 'example-worker' }),
    )
    const disabled = await callSample('example-worker', goodPassword)

    expect(created).toEqual({ status: 0, text: expect.stringMatching(/^201 v1\./) as string })
    expect(served).toEqual({ status: 0, text: expect.stringMatching(/^200 \{"message":/) as string })
    expect(disabled.status).toBe(1)
    expect(disabled.text).toContain('NotAuthorizedException')
  })

  it('ask again with the same key and body after a 503', async () => {
    const asked: { key: unknown; body: string }[] = []
    const app1 = await listen((request, response) => {
      void text(request).then((body) => {
        asked.push({ key: request.headers['idempotency-key'], body })
        response
          .writeHead(asked.length === 1 ? 503 : 201)
          .end('{"username":"example-repeated","provisioning_id":"v1.a"}')
      })
    })

    const created = await createAs(pair.signers?.caller, 'example-repeated', app1.url)
    await app1.close()

    expect(created).toEqual({ status: 0, text: '201 v1.a\n' })
    expect(asked).toHaveLength(2)
    expect(asked[1]).toEqual(asked[0])
  })

  it('stop at an answer that is final', async () => {
    const refused = await createAs(pair.signers?.stranger, 'example-of-a-stranger')

    expect(refused).toEqual({ status: 1, text: '403 forbidden\n' })
  })
})
