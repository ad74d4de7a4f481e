// Each mode's wrong proofs at the routes of the whole pair: real handlers behind the gateway that the mode has.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatedPaths, callOf, post, type ShownPath } from '#infra/local/demo/gated-routes.ts'
import { leftOverUserToken, unknownClientToken } from '#infra/local/demo/unknown-clients.ts'
import { newLocalSigner } from '#infra/local/local-signers.ts'
import { machineToken } from '#infra/local/machine-token.ts'
import type { PairModeOptions } from '#infra/local/pair-modes.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { signRequest } from '#shared/client/sign-request.ts'
import type { SigningCredential } from '../../../infra/emulators/gateway/signing-credential.ts'
import { bearer, post as postJson, serviceToken } from '../../support/in-process-pair.ts'
import { goodPassword, serviceUserRequest } from '../../support/requests.ts'
import { respellSignature } from '../../support/tokens.ts'
import { countAttack } from '../../attacks/support/repel.ts'

type Headers = Readonly<Record<string, string>>

/** A proof that must open nothing at these routes; made anew for each request, which a signature covers. */
type Attack = {
  readonly name: string
  readonly at: readonly ShownPath[]
  readonly proof: (pair: Pair, request: { readonly url: URL; readonly body: string }) => Promise<Headers>
}

const service = (pair: Pair) => serviceToken(pair, 'attacker', goodPassword)

const headersOf = (authorization: string): Headers => ({ authorization })

async function withClaims(pair: Pair, change: Record<string, unknown>): Promise<Headers> {
  const [header = '', payload = '', signature = ''] = (await service(pair)).expose().split('.')
  const claims = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...change }
  const forged = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return headersOf(`Bearer ${header}.${forged}.${signature}`)
}

const scope = 'app2/users.create'

const at = (name: string, paths: readonly ShownPath[], proof: Attack['proof']): Attack => ({ name, at: paths, proof })
const everyRoute = (name: string, proof: Attack['proof']): Attack => at(name, gatedPaths, proof)

/** In every mode. */
const everywhere: readonly Attack[] = [
  everyRoute('nothing at all', () => Promise.resolve({})),
  at('a service user’s token', ['/admin/create-user', '/admin/users/delete'], async (pair) =>
    bearer(await service(pair)),
  ),
  everyRoute('a service user’s token with the machine’s group written in', (pair) =>
    withClaims(pair, { 'cognito:groups': ['api-client', 'service-user'] }),
  ),
  everyRoute('a service user’s token made a machine’s by hand', (pair) =>
    withClaims(pair, { scope, username: undefined, client_id: pair.provisioned.machineScopeClientId ?? 'unknown' }),
  ),
  everyRoute('a token whose signature is respelt', async (pair) =>
    headersOf(`Bearer ${respellSignature((await service(pair)).expose())}`),
  ),
  everyRoute('a machine user of another app client', async (pair) => bearer(await leftOverUserToken(pair))),
  at('the machine’s token at the service users’ route', ['/sample'], async (pair, request) => {
    const { machineAuth } = pair.modes
    return machineAuth === 'sigv4'
      ? signed(request, signerOf(pair, 'provisioner'))
      : bearer(await machineToken(pair, machineAuth))
  }),
  everyRoute('a signature of credentials that nobody knows', (_, request) =>
    signed(request, newLocalSigner('provisioner')),
  ),
  everyRoute('Basic credentials of the client', (pair) => {
    const { machineScopeClientId: id = pair.provisioned.serviceClientId } = pair.provisioned
    return Promise.resolve(headersOf(`Basic ${Buffer.from(`${id}:secret`).toString('base64')}`))
  }),
]

/** Where scopes open a route. */
const ofScopes: readonly Attack[] = [
  everyRoute('every scope of App2, through a client that App2 was not told of', async (pair) => {
    const { machineAuth } = pair.modes
    if (machineAuth === 'password' || machineAuth === 'sigv4') throw new Error('no mode of scopes')
    return bearer(await unknownClientToken(pair, machineAuth))
  }),
]

/** Where a signature opens a route. */
const ofSignatures: readonly Attack[] = [
  everyRoute('the signature of a role without the permission', (pair, request) =>
    signed(request, signerOf(pair, 'caller')),
  ),
  everyRoute('the signature of a role that IAM lets in everywhere', (pair, request) =>
    signed(request, signerOf(pair, 'stranger')),
  ),
  everyRoute('App1’s signature of another body', (pair, { url }) =>
    signed({ url, body: '{}' }, signerOf(pair, 'provisioner')),
  ),
  everyRoute('App1’s signature of the other route', (pair, { body, url }) => {
    const other = url.pathname === '/sample' ? '/admin/create-user' : '/sample'
    return signed({ body, url: new URL(other, url) }, signerOf(pair, 'provisioner'))
  }),
  everyRoute('App1’s signature, six minutes old', (pair, request) =>
    signed(request, signerOf(pair, 'provisioner'), { now: () => Date.now() - 360_000 }),
  ),
  everyRoute('App1’s signature for another Region', (pair, request) =>
    signed(request, signerOf(pair, 'provisioner'), { region: 'eu-west-1' }),
  ),
  everyRoute('App1’s signature without its session token', (pair, request) => {
    const { arn, policy, accessKeyId, secretAccessKey } = signerOf(pair, 'provisioner')
    return signed(request, { arn, policy, accessKeyId, secretAccessKey })
  }),
]

type Signer = keyof NonNullable<Pair['app2Signers']>

function signerOf(pair: Pair, name: Signer): SigningCredential {
  if (pair.app2Signers === undefined) throw new Error('the pair was started without signers')
  return pair.app2Signers[name]
}

function signed(
  { url, body }: { readonly url: URL; readonly body: string },
  credentials: SigningCredential,
  options: { readonly now?: () => number; readonly region?: string } = {},
): Promise<Headers> {
  const headers = { 'content-type': 'application/json' }
  return signRequest({ method: 'POST', url, headers, body }, { credentials, region, now: Date.now, ...options })
}

type Mode = PairModeOptions & { readonly attacks: readonly Attack[] }

const modes: readonly Mode[] = [
  { machineAuth: 'password', attacks: everywhere },
  { machineAuth: 'client-credentials', attacks: [...everywhere, ...ofScopes] },
  { machineAuth: 'client-token', attacks: [...everywhere, ...ofScopes] },
  { machineAuth: 'client-credentials', app2Authorizer: 'cognito', attacks: [...everywhere, ...ofScopes] },
  { machineAuth: 'client-token', app2Authorizer: 'cognito', attacks: [...everywhere, ...ofScopes] },
  { machineAuth: 'sigv4', attacks: [...everywhere, ...ofSignatures] },
]

describe.each(modes)('the pair with $machineAuth, authorizer $app2Authorizer', ({ attacks, ...options }) => {
  let pair: Pair

  beforeAll(async () => {
    pair = await startPair(options)
    const answer = await postJson(`${pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'attacker' }))
    expect(answer.status).toBe(201)
  })
  afterAll(() => pair.close())

  it.for(attacks)('$name opens no route', async ({ at, proof }, { task }) => {
    for (const path of at) {
      const call = callOf(pair.app2Url, path)

      const { status } = await post(call.url, call.body, await proof(pair, call))

      countAttack(task, [status !== 401 && status !== 403])
      expect([path, [401, 403].includes(status)]).toEqual([path, true])
    }
  })
})
