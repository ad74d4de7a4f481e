// Each mode's wrong proofs at the routes of the whole pair: real handlers behind the gateway that the mode has.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '#infra/local/demo/gated-routes.ts'
import { leftOverUserToken, unknownClientToken } from '#infra/local/demo/unknown-clients.ts'
import { localRoles, newLocalSigner } from '#infra/local/local-signers.ts'
import { app1StsToken, machineToken, stsToken, tagsFor } from '#infra/local/machine-token.ts'
import type { PairModeOptions } from '#infra/local/pair-modes.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { accessRules, knownGroups, knownScopes, type GatedPath, type Scope } from '#shared/access-rules.ts'
import { stsAudience } from '#shared/machine/sts-token.ts'
import { signRequest } from '#shared/client/sign-request.ts'
import type { SigningCredential } from '../../../infra/emulators/gateway/signing-credential.ts'
import { bearer, post as postJson, serviceToken } from '../../support/in-process-pair.ts'
import { createUserRequestBody, goodPassword, serviceUserRequest } from '../../support/requests.ts'
import { respellSignature } from '../../support/tokens.ts'
import { countAttack } from '../../attacks/support/repel.ts'

type Headers = Readonly<Record<string, string>>

/** A proof that must open nothing at these routes; made anew for each request, which a signature covers. */
type Attack = {
  readonly name: string
  readonly at: readonly GatedPath[]
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

const at = (name: string, paths: readonly GatedPath[], proof: Attack['proof']): Attack => ({ name, at: paths, proof })
const everyRoute = (name: string, proof: Attack['proof']): Attack => at(name, gatedPaths, proof)

const gated = accessRules.flatMap(({ path, access }) => (access === 'public' ? [] : [{ path, access }]))
const gatedPaths: readonly GatedPath[] = gated.map(({ path }) => path)
/** Those that App1's machine may call. */
const machinePaths = gated.flatMap(({ path, access }) => (access.client === 'machine' ? [path] : []))
const machineScopes = knownScopes.filter((name) =>
  gated.some(({ access }) => access.client === 'machine' && access.scope === name),
)

const creation = '/admin/create-user'

/** A request that App2's own code refuses: 400 says that the route was open. */
const callOf = (pair: Pair, path: GatedPath) => ({
  url: new URL(`${pair.app2Url}${path}`),
  body: path === creation ? JSON.stringify(createUserRequestBody()) : '{}',
})

/** In every mode. */
const everywhere: readonly Attack[] = [
  everyRoute('nothing at all', () => Promise.resolve({})),
  at('a service user’s token', machinePaths, async (pair) => bearer(await service(pair))),
  everyRoute('a service user’s token with the machine’s groups written in', (pair) =>
    withClaims(pair, { 'cognito:groups': knownGroups }),
  ),
  everyRoute('a service user’s token made a machine’s by hand', (pair) =>
    withClaims(pair, {
      scope: machineScopes.join(' '),
      username: undefined,
      client_id: pair.provisioned.machineScopeClientId ?? 'unknown',
    }),
  ),
  everyRoute('a token whose signature is respelt', async (pair) =>
    headersOf(`Bearer ${respellSignature((await service(pair)).expose())}`),
  ),
  everyRoute('a machine user of another app client', async (pair) => bearer(await leftOverUserToken(pair))),
  at('the machine’s token at the service users’ route', ['/sample'], async (pair, request) => {
    const { machineAuth } = pair.modes
    if (machineAuth === 'sigv4') return signed(request, signerOf(pair, 'provisioner'))
    return machineAuth === 'sts-token' ? roleProof(pair, {}) : bearer(await machineToken(pair, machineAuth))
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
  ...machineScopes.map((name) =>
    at(
      `the machine’s token for ${name} alone, at the others’ routes,`,
      gated.flatMap((row) => (row.access.scope === name ? [] : [row.path])),
      async (pair) => bearer(await tokenFor(pair, name)),
    ),
  ),
  everyRoute('every scope of App2, through a client that App2 was not told of', async (pair) => {
    const { machineAuth } = pair.modes
    if (machineAuth === 'password' || machineAuth === 'sigv4' || machineAuth === 'sts-token')
      throw new Error('no mode of scopes')
    return bearer(await unknownClientToken(pair, machineAuth))
  }),
]

/** App1's own credential for the route of `path`. */
async function machineProof(pair: Pair, request: { readonly url: URL; readonly body: string }, path: GatedPath) {
  const { machineAuth } = pair.modes
  if (machineAuth === 'sigv4') return signed(request, signerOf(pair, 'provisioner'))
  if (machineAuth === 'sts-token') return bearer(await app1StsToken(pair, { path, body: request.body }))
  const scope = gated.find((row) => row.path === path)?.access.scope
  return bearer(machineAuth === 'password' ? await machineToken(pair, machineAuth) : await tokenFor(pair, scope))
}

function tokenFor(pair: Pair, scope: Scope | undefined) {
  const { machineAuth } = pair.modes
  if (machineAuth === 'sigv4' || machineAuth === 'sts-token') throw new Error('no mode of tokens')
  return machineToken(pair, machineAuth, scope)
}

/** Where a signature opens a route. */
const ofSignatures: readonly Attack[] = [
  everyRoute('the signature of a role without the permission', (pair, request) =>
    signed(request, signerOf(pair, 'caller')),
  ),
  everyRoute('the signature of a role that IAM lets in everywhere', (pair, request) =>
    signed(request, signerOf(pair, 'stranger')),
  ),
  everyRoute('App1’s signature of another body', (pair, { url }) =>
    signed({ url, body: '{ }' }, signerOf(pair, 'provisioner')),
  ),
  everyRoute('App1’s signature of the other route', (pair, { body, url }) => {
    const other = url.pathname === '/admin/users/read' ? '/admin/users/delete' : '/admin/users/read'
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

/** A token of STS for App1's role, or for `signer`, that App1 would not ask for. */
async function roleProof(
  pair: Pair,
  changes: Parameters<typeof stsToken>[2],
  signer: SigningCredential = signerOf(pair, 'provisioner'),
): Promise<Headers> {
  return bearer(await stsToken(pair, signer, changes))
}

/** Whose session is of no Lambda function. */
const elsewhere: SigningCredential = { ...newLocalSigner('provisioner'), accessKeyId: 'ASIAELSEWHERE' }

/** Where App1's role has tokens of STS. */
const ofRoles: readonly Attack[] = [
  everyRoute('the token of another role', (pair) => roleProof(pair, {}, signerOf(pair, 'stranger'))),
  everyRoute('the token of a role of that name in another account', (pair) =>
    roleProof(pair, {}, signerOf(pair, 'namesake')),
  ),
  everyRoute('App1’s role’s token for another audience', (pair) => roleProof(pair, { Audience: ['latchkey:app2'] })),
  everyRoute('App1’s role’s token for a second audience', (pair) =>
    roleProof(pair, { Audience: [stsAudience(pair.provisioned.userPoolId), 'https://elsewhere.example'] }),
  ),
  everyRoute('App1’s role’s token by ES384', (pair) => roleProof(pair, { SigningAlgorithm: 'ES384' })),
  everyRoute('App1’s role’s token for longer than App1 asks', (pair) => roleProof(pair, { DurationSeconds: 301 })),
]

const anotherCreation = JSON.stringify({ provisioning_id: 'v1.another' })

/** Where each creation has a token of its own, and App1's function alone may ask for one. */
const ofBoundTokens: readonly Attack[] = [
  at('App1’s role’s token for no creation', [creation], (pair) => roleProof(pair, {})),
  everyRoute('App1’s role’s token for another creation', (pair) => roleProof(pair, { Tags: tagsFor(anotherCreation) })),
  at(
    'App1’s role’s token for a creation',
    gatedPaths.filter((path) => path !== creation),
    (pair, { body }) => roleProof(pair, { Tags: tagsFor(body) }),
  ),
  everyRoute('App1’s role’s token with half of what binds it', (pair, { body }) =>
    roleProof(pair, { Tags: tagsFor(body).slice(0, 1) }),
  ),
  everyRoute('App1’s role’s token from outside its function', (pair) => roleProof(pair, {}, elsewhere)),
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
  { machineAuth: 'sts-token', attacks: [...everywhere, ...ofRoles] },
  {
    ...{ machineAuth: 'sts-token', stsTokenPerRequest: true, stsFunctionCheck: true },
    attacks: [...everywhere, ...ofRoles, ...ofBoundTokens],
  },
]

describe.each(modes)(
  'the pair with $machineAuth, authorizer $app2Authorizer, tokens per request $stsTokenPerRequest',
  ({ attacks, ...options }) => {
    let pair: Pair

    beforeAll(async () => {
      const principals = new Map([[elsewhere.accessKeyId, localRoles.provisioner]])
      pair = await startPair({ ...options, jobs: true, localAws: { principals } })
      const answer = await postJson(`${pair.app1Url}/create-service-user`, serviceUserRequest({ username: 'attacker' }))
      expect(answer.status).toBe(201)
    })
    afterAll(() => pair.close())

    it('serves App1 on each of its routes, so that a refusal below means something', async () => {
      for (const path of machinePaths) {
        const call = callOf(pair, path)

        expect([path, await post(call.url, call.body, await machineProof(pair, call, path))]).toEqual([
          path,
          { status: 400, code: path === creation ? 'password_unreadable' : 'invalid_request' },
        ])
      }
    })

    it.for(attacks)('$name opens no route', async ({ at, proof }, { task }) => {
      for (const path of at) {
        const call = callOf(pair, path)

        const { status } = await post(call.url, call.body, await proof(pair, call))

        countAttack(task, [status !== 401 && status !== 403])
        expect([path, [401, 403].includes(status)]).toEqual([path, true])
      }
    })
  },
)
