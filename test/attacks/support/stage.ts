// What an attacker meets: the authorizer by itself, and App2's apps behind the local gateway; it reaches no network.
import type { ClaimsRules } from '#services/app2-accounts/authorizer/access-claims.ts'
import type { StsRules } from '#services/app2-accounts/authorizer/sts-claims.ts'
import type { AuthorizerResult } from '#services/app2-accounts/authorizer/policy.ts'
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { createTokenAuthorizer, type TokenAuthorizerEvent } from '#services/app2-accounts/authorizer/authorize.ts'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { createJwksFetcher } from '#shared/jwt/fetch-jwks.ts'
import { createTokenVerifier } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { gatewayResponses } from '#infra/deploy/gateway-responses.ts'
import { evaluatePolicy, parsePolicy, type PolicyDecision } from '../../../infra/emulators/iam-policy.ts'
import { inProcess, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import { startRestApi, type RestRoute } from '../../../infra/emulators/gateway/rest-api.ts'
import { accessRules, type GatedPath } from '#shared/access-rules.ts'
import { contracts, routes } from '#shared/routes.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { answerOf } from '../../support/answers.ts'
import { recordingLogger } from '../../support/logger.ts'
import { poolKey } from '../../support/pool-keys.ts'
import { testSts } from '../../support/sts-tokens.ts'
import { jwksOf, testPool, testRules, type PublicJwk } from '../../support/tokens.ts'
import { sendRaw } from '../../../infra/emulators/test/gateway/raw-request.ts'
import { createApp2Functions, type App2Function } from './app2-functions.ts'

export type HandlerAnswer =
  | { readonly outcome: PolicyDecision }
  | { readonly outcome: 'unauthorized'; readonly reason: unknown }
  | { readonly outcome: 'error'; readonly reason: unknown }

export type GatewayAnswer = {
  readonly status: number
  /** Of the problem document. */
  readonly code?: unknown
  /** The function of App2 that was called. */
  readonly reached?: App2Function
}

export type GatewayRequest = {
  readonly method?: string
  readonly target: string
  /** Whole header lines. */
  readonly headers?: readonly string[]
  readonly body?: string
}

export type Stage = {
  readonly clock: ManualClock
  /** Asks the authorizer by itself, and evaluates its policy for the method that was asked for. */
  ask(event: TokenAuthorizerEvent): Promise<HandlerAnswer>
  /** The policy itself, for a token that has one. */
  policyFor(event: TokenAuthorizerEvent): Promise<AuthorizerResult>
  send(request: GatewayRequest): Promise<GatewayAnswer>
  /** What the JWKS's address holds from now on; undefined while it is out of reach. */
  publish(jwks: { readonly keys: PublicJwk[] } | undefined): void
  /** How often the JWKS was fetched: by the authorizer alone, and by the one behind the gateway. */
  fetches(): readonly [alone: number, behindGateway: number]
  close(): Promise<void>
}

export const stageArn = 'arn:aws:execute-api:us-east-1:000000000000:abcdef1234/dev'

export type { GatedPath }

export const gatedPaths: readonly GatedPath[] = accessRules.flatMap(({ path, access }) =>
  access === 'public' ? [] : [path],
)

/** Bodies that App2 takes far enough to show that its route was open: 200 of sample, 400 of the others. */
export const bodies = Object.fromEntries(
  gatedPaths.map((path) => [path, path === '/sample' ? '{"data":{"request_id":"r-1","payload":1}}' : '{}']),
) as Readonly<Record<GatedPath, string>>

/** The function behind each. */
export function functionOf(path: GatedPath): App2Function {
  return contracts.app2[`POST ${path}`].function
}

export type StageOptions = {
  /** How long the gateway keeps policies; 300 unless told. */
  readonly ttlSeconds?: number
  /** Which tokens count; those of all clients that there can be unless told. */
  readonly rules?: ClaimsRules
  /** Which tokens of STS count; none unless told. The key set has `jwks`, and creations may need tokens of their own. */
  readonly sts?: {
    readonly rules: StsRules
    readonly jwks: { readonly keys: readonly object[] }
    readonly bindsCreations?: boolean
  }
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const clock = manualClock()
  let jwks: { readonly keys: PublicJwk[] } | undefined = jwksOf(poolKey)
  const fetchJwks = (): Promise<{ keys: PublicJwk[] }> =>
    jwks === undefined ? Promise.reject(new KeySetError('jwks_unreachable')) : Promise.resolve({ keys: jwks.keys })
  const { rules = testRules } = options
  const { sts } = options
  const alone = createAuthorizer({ clock, fetchJwks, rules, sts })
  const behindGateway = createAuthorizer({ clock, fetchJwks, rules, sts })

  const reached: App2Function[] = []
  const api = await startRestApi({
    gatewayResponses: gatewayResponses(),
    routes: app2Routes(clock, sts, (name) => reached.push(name)),
    authorizer: {
      function: inProcess(behindGateway.authorize, { name: 'authorizer', timeoutMs: 5_000 }),
      identityValidationExpression,
      ttlSeconds: options.ttlSeconds ?? 300,
    },
    now: clock.now,
  })

  return {
    clock,
    policyFor: alone.authorize,
    ask: (event) => ask(alone, event),
    send: async (request) => {
      const before = reached.length
      const { headers = [], ...rest } = request
      const response = await sendRaw(api.url, {
        method: 'POST',
        ...rest,
        headers: ['Content-Type: application/json', ...headers],
      })
      const [name] = reached.slice(before)
      return { status: response.status, ...codeOf(response.body), ...(name !== undefined && { reached: name }) }
    },
    publish: (next) => {
      jwks = next
    },
    fetches: () => [alone.fetches(), behindGateway.fetches()],
    close: () => api.close(),
  }
}

type Authorizer = ReturnType<typeof createAuthorizer>

function createAuthorizer(deps: {
  clock: ManualClock
  fetchJwks: () => Promise<{ keys: PublicJwk[] }>
  rules: ClaimsRules
  sts: StageOptions['sts']
}) {
  const logger = recordingLogger()
  let fetches = 0
  const verifier = createTokenVerifier({
    issuer: testPool.issuer,
    rules: deps.rules,
    fetchJwks: () => {
      fetches += 1
      return deps.fetchJwks()
    },
    ...(deps.sts && {
      sts: {
        issuer: testSts.issuer,
        rules: deps.sts.rules,
        fetchJwks: createJwksFetcher({
          send: () => Promise.resolve(answerOf(deps.sts?.jwks)),
          jwksUri: `${testSts.issuer}/.well-known/jwks.json`,
        }),
      },
    }),
    now: deps.clock.now,
    logger,
  })
  const authorize = createTokenAuthorizer({ verifier, logger })
  return { authorize, lines: logger.lines, fetches: () => fetches }
}

async function ask({ authorize, lines }: Authorizer, event: TokenAuthorizerEvent): Promise<HandlerAnswer> {
  try {
    const { policyDocument } = await authorize(event)
    const policy = parsePolicy(JSON.parse(JSON.stringify(policyDocument)))
    return { outcome: evaluatePolicy(policy, { action: 'execute-api:Invoke', resource: String(event.methodArn) }) }
  } catch (error) {
    const reason = lines.at(-1)?.['reason']
    // API Gateway makes a 401 of exactly this message, and a 500 of every other.
    const unauthorized = error instanceof Error && error.message === 'Unauthorized'
    return { outcome: unauthorized ? 'unauthorized' : 'error', reason }
  }
}

/** The routes of the access table, each with the function that has it in production. */
function app2Routes(clock: ManualClock, sts: StageOptions['sts'], onCall: (name: App2Function) => void): RestRoute[] {
  const provisioners = sts?.rules.roles.flatMap((arn) => parseRoleArn(arn) ?? []) ?? []
  const { bindsCreations = false } = sts ?? {}
  const functions = createApp2Functions(clock, { from: 'authorizer', provisioners }, { bindsCreations })
  const observed = (name: App2Function): LambdaFunction => {
    const run = inProcess(functions[name], { name, timeoutMs: 5_000 })
    return (event) => {
      onCall(name)
      return run(event)
    }
  }
  return routes.app2.map(({ method, path, access, function: name }) => ({
    method,
    path,
    authorization: { kind: access === 'public' ? 'none' : 'token' },
    function: observed(name),
  }))
}

function codeOf(body: string): { code?: unknown } {
  if (body === '') return {}
  const { code } = JSON.parse(body) as { code?: unknown }
  return code === undefined ? {} : { code }
}
