// The callers of App2's gated routes in each mode, and which route should serve whom; it shows no token and no signature.
import { signRequest } from '#shared/client/sign-request.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { SigningCredential } from '../../emulators/gateway/signing-credential.ts'
import { app1StsToken, machineToken, stsToken, tagsFor, type TokenMode } from '../machine-token.ts'
import { region, type Pair } from '../pair.ts'
import type { RouteCall, Outcome, ShownPath } from './gated-routes.ts'
import { leftOverUserToken, unknownClientToken } from './unknown-clients.ts'

export type Caller = {
  readonly who: string
  /** Headers with the caller's credential, made for this call alone where it is signed. */
  readonly credential: (call: RouteCall) => Promise<Readonly<Record<string, string>>>
  readonly expected: Readonly<Record<ShownPath, Outcome>>
}

export type CallersOptions = {
  /** A token of a service user that is served. */
  readonly serviceToken: () => Promise<SecretValue>
  /** A token of the same user that was good once. Absent where no such token can be had: its row is left out. */
  readonly expiredToken?: () => Promise<SecretValue>
}

export function callersOf(pair: Pair, options: CallersOptions): readonly Caller[] {
  const { machineAuth: mode } = pair.modes
  if (mode === 'sigv4') return signedCallers(pair, options)
  return mode === 'sts-token' ? roleCallers(pair, options) : tokenCallers(pair, mode, options)
}

/** Behind the authorizer a bad token is 401 on every route, and a good one 403 on the other's. */
function tokenCallers(pair: Pair, mode: TokenMode, options: CallersOptions): readonly Caller[] {
  const nobody = routes(401, 401)
  return [
    withToken(machineNames[mode], () => machineToken(pair, mode), routes('open', 403)),
    withToken('the service user’s token', options.serviceToken, routes(403, 'open')),
    ...(mode === 'password'
      ? []
      : [
          withToken('the scope, but another app client', () => unknownClientToken(pair, mode), nobody),
          withToken('a machine user, the old way', () => leftOverUserToken(pair), nobody),
        ]),
    withToken('a token with more groups forged in', () => options.serviceToken().then(forge), nobody),
    ...(options.expiredToken ? [withToken('an expired token', options.expiredToken, nobody)] : []),
    withNothing(nobody),
  ]
}

/** IAM guards the admin route and takes no token there; the authorizer guards the other one and takes no signature. */
function signedCallers(pair: Pair, options: CallersOptions): readonly Caller[] {
  if (pair.app2Signers === undefined) throw new Error('the pair was started without signers')
  const { provisioner, caller, stranger } = pair.app2Signers
  const nobody = routes(403, 401)
  const longAgo = (): number => Date.now() - 3_600_000
  return [
    withSignature('App1’s signature', { credential: provisioner, now: Date.now }, routes('open', 401)),
    withToken('the service user’s token', options.serviceToken, routes(403, 'open')),
    withSignature('another role’s signature', { credential: caller, now: Date.now }, nobody),
    // IAM lets this one through; App2's second check knows one role and takes it for nobody.
    withSignature('a role with IAM permissions alone', { credential: stranger, now: Date.now }, routes(401, 401)),
    withSignature('a signature an hour old', { credential: provisioner, now: longAgo }, nobody),
    withToken('a machine user, the old way', () => leftOverUserToken(pair), nobody),
    withToken('a token with more groups forged in', () => options.serviceToken().then(forge), nobody),
    ...(options.expiredToken ? [withToken('an expired token', options.expiredToken, nobody)] : []),
    withNothing(nobody),
  ]
}

/** The authorizer takes tokens that STS gave to App1's role for App2, beside the pool's for service users. */
function roleCallers(pair: Pair, options: CallersOptions): readonly Caller[] {
  const { app2Signers: signers, modes } = pair
  if (signers === undefined) throw new Error('the pair was started without signers')
  const nobody = routes(401, 401)
  const own = (changes: Parameters<typeof stsToken>[2]) => () => stsToken(pair, signers.provisioner, changes)
  return [
    ...(modes.stsTokenPerRequest
      ? [
          perCall('App1’s token for this request', (call) => app1StsToken(pair, call), routes('open', 403)),
          perCall(
            'App1’s token for another creation',
            ({ body }) => own({ Tags: tagsFor(`${body} `) })(),
            routes(403, 403),
          ),
          withToken('App1’s token for any request', own({}), { ...routes('open', 403), '/admin/create-user': 403 }),
        ]
      : [withToken('App1’s role’s token', own({}), routes('open', 403))]),
    withToken('the service user’s token', options.serviceToken, routes(403, 'open')),
    withToken('another role’s token', () => stsToken(pair, signers.stranger), nobody),
    withToken('the same role’s of another account', () => stsToken(pair, signers.namesake), nobody),
    withToken('App1’s role’s for another audience', own({ Audience: ['https://elsewhere.example'] }), nobody),
    withToken('App1’s role’s, signed with ES384', own({ SigningAlgorithm: 'ES384' }), nobody),
    withToken('a machine user, the old way', () => leftOverUserToken(pair), nobody),
    withToken('a token with more groups forged in', () => options.serviceToken().then(forge), nobody),
    ...(options.expiredToken ? [withToken('an expired token', options.expiredToken, nobody)] : []),
    withNothing(nobody),
  ]
}

const machineNames: Readonly<Record<TokenMode, string>> = {
  password: 'the machine user’s token',
  'client-credentials': 'the machine client’s token (scope)',
  'client-token': 'the machine client’s token (scope)',
}

function routes(admin: Outcome, sample: Outcome): Caller['expected'] {
  return { '/admin/create-user': admin, '/admin/users/delete': admin, '/sample': sample }
}

function withToken(who: string, token: () => Promise<SecretValue>, expected: Caller['expected']): Caller {
  let had: Promise<SecretValue> | undefined
  const credential: Caller['credential'] = async () => {
    had ??= token()
    return { authorization: `Bearer ${(await had).expose()}` }
  }
  return { who, credential, expected }
}

/** A token that is made for each call. */
function perCall(
  who: string,
  token: (call: { readonly path: string; readonly body: string }) => Promise<SecretValue>,
  expected: Caller['expected'],
): Caller {
  const credential: Caller['credential'] = async ({ url, body }) => ({
    authorization: `Bearer ${(await token({ path: url.pathname, body })).expose()}`,
  })
  return { who, credential, expected }
}

function withSignature(
  who: string,
  { credential, now }: { readonly credential: SigningCredential; readonly now: () => number },
  expected: Caller['expected'],
): Caller {
  const headers = { 'content-type': 'application/json' }
  const signing = { credentials: credential, region, now }
  return { who, credential: ({ url, body }) => signRequest({ method: 'POST', url, headers, body }, signing), expected }
}

function withNothing(expected: Caller['expected']): Caller {
  return { who: 'no credential at all', credential: () => Promise.resolve({}), expected }
}

/** The same token with the machine's group and scope written into it, and the signature left as it was. */
function forge(token: SecretValue): SecretValue {
  const [header = '', payload = '', signature = ''] = token.expose().split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const forged = { ...claims, 'cognito:groups': ['api-client', 'service-user'], scope: 'app2/users.create' }
  return new SecretValue([header, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.'))
}
