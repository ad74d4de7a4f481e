import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenAuthorizer as createGatewayAuthorizer } from '../../../../../infra/emulators/gateway/token-authorizer.ts'
import { evaluatePolicy, parsePolicy } from '../../../../../infra/emulators/iam-policy.ts'
import type { TokenIdentity } from '#services/app2-accounts/authorizer/access-claims.ts'
import { AuthorizerError } from '#services/app2-accounts/authorizer/authorizer-error.ts'
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { createTokenAuthorizer, decide } from '#services/app2-accounts/authorizer/authorize.ts'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { createTokenVerifier, type TokenVerifier } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { accessRules } from '#shared/access-rules.ts'
import { manualClock } from '#test/support/clock.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { createSigner, jwksOf, testPool, testRules, type PublicJwk } from '#test/support/tokens.ts'
import { claimsOf, tableAllows, tokenIdentity } from './identities.ts'

const signers = [createSigner('key-1'), createSigner('key-2')] as const
const stageArns = ['dev', 'prod'].map((stage) => `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/${stage}`)
const startedAt = manualClock().now()

const route = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...accessRules.map(({ method, path }) => ({ method, path }))) },
  fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    path: fc.constantFrom('/', '/admin', '/sample/', '/x/../sample', '/%73ample', '/admin/create-user/x', '/SAMPLE'),
  }),
)

/** A token of the identity that was issued when all began and expires `lifeSeconds` later. */
const tokenOf = (
  who: TokenIdentity,
  { lifeSeconds = 3_600, signer = signers[0] }: { lifeSeconds?: number; signer?: (typeof signers)[number] } = {},
): string => signer.accessToken({ now: startedAt, claims: { ...claimsOf(who), exp: startedAt / 1_000 + lifeSeconds } })

describe('whatever was asked before', () => {
  const step = fc.record({
    token: fc.nat({ max: 2 }),
    route,
    stageArn: fc.constantFrom(...stageArns),
    throughGateway: fc.boolean(),
    afterMs: fc.nat({ max: 120_000 }),
  })

  it('what is allowed is what the table says, by the authorizer’s memory and by API Gateway’s', async () => {
    const identities = fc.tuple(tokenIdentity, tokenIdentity, tokenIdentity)
    await fc.assert(
      fc.asyncProperty(
        identities,
        fc.array(step, { minLength: 1, maxLength: 15 }),
        fc.constantFrom(0, 60, 300),
        async (who, steps, ttlSeconds) => {
          const clock = manualClock()
          const deps = { now: clock.now, logger: recordingLogger() }
          const fetchJwks = (): Promise<{ keys: PublicJwk[] }> => Promise.resolve(jwksOf(signers[0]))
          const verifier = createTokenVerifier({ issuer: testPool.issuer, rules: testRules, fetchJwks, ...deps })
          const authorize = createTokenAuthorizer({ verifier, logger: deps.logger })
          // Every stage has an API Gateway of its own, with a memory of its own.
          const gateways = new Map(
            stageArns.map((stageArn) => [
              stageArn,
              createGatewayAuthorizer({
                function: async (event) => JSON.parse(JSON.stringify(await authorize(event as object))) as unknown,
                identityValidationExpression,
                ttlSeconds,
                timeoutMs: 1_000,
                now: clock.now,
              }),
            ]),
          )
          const tokens = who.map((one) => `Bearer ${tokenOf(one)}`)

          for (const {
            token: n,
            route: { method, path },
            stageArn,
            throughGateway,
            afterMs,
          } of steps) {
            clock.advance(afterMs)
            const request = { token: tokens[n] ?? '', methodArn: `${stageArn}/${method}${path}` }

            const allowed = throughGateway
              ? (await gateways.get(stageArn)?.authorize(request))?.effect === 'allow'
              : await allows(authorize({ authorizationToken: request.token, methodArn: request.methodArn }), request)

            const bearer = who[n]
            expect(allowed).toBe(bearer !== undefined && tableAllows(bearer, { method, path }))
          }
        },
      ),
    )
  })
})

async function allows(
  result: Promise<{ policyDocument: unknown }>,
  { methodArn }: { methodArn: string },
): Promise<boolean> {
  const policy = parsePolicy(JSON.parse(JSON.stringify((await result).policyDocument)))
  return evaluatePolicy(policy, { action: 'execute-api:Invoke', resource: methodArn }) === 'allowed'
}

describe('the memory of verified tokens', () => {
  const someTokens = [
    tokenOf({ kind: 'user', client: 'machine', groups: ['api-client'] }),
    tokenOf({ kind: 'user', client: 'service', groups: ['service-user'] }, { lifeSeconds: 30_000, signer: signers[1] }),
    tokenOf({ kind: 'user', client: 'service', groups: [] }, { lifeSeconds: 600 }),
    tokenOf({ kind: 'machine', client: 'machine', scopes: ['app2/users.create'] }, { lifeSeconds: 1_200 }),
    'not.a.token',
  ]
  const keySets = [jwksOf(signers[0]), jwksOf(signers[1]), jwksOf(...signers), undefined]

  const present = fc.record({
    kind: fc.constant('present' as const),
    header: fc.constantFrom(...someTokens.map((token) => `Bearer ${token}`)),
    methodArn: fc.constantFrom(
      `${stageArns[0] ?? ''}/POST/sample`,
      `${stageArns[1] ?? ''}/POST/admin/create-user`,
      'none',
    ),
  })
  const wait = fc.record({
    kind: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 999, 10_000, 30_000, 300_000, 900_000, 900_001, 7_200_000, 21_600_001, -1, -900_000),
  })
  const publish = fc.record({ kind: fc.constant('publish' as const), keys: fc.constantFrom(...keySets) })
  const history = fc.array(fc.oneof({ weight: 5, arbitrary: present }, { weight: 2, arbitrary: wait }, publish), {
    minLength: 5,
    maxLength: 40,
  })

  it('changes nothing: with it and without it every answer is the same, whatever keys come, go and cannot be had', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const clock = manualClock()
        let keys: { keys: PublicJwk[] } | undefined = keySets[2]
        const fetches = { remembering: 0, plain: 0 }
        const verifierWith = (name: keyof typeof fetches, mostRemembered: number): TokenVerifier =>
          createTokenVerifier({
            issuer: testPool.issuer,
            rules: testRules,
            fetchJwks: () => {
              fetches[name] += 1
              return keys === undefined ? Promise.reject(new KeySetError('jwks_unreachable')) : Promise.resolve(keys)
            },
            now: clock.now,
            logger: recordingLogger(),
            mostRemembered,
          })
        const remembering = verifierWith('remembering', 1_000)
        const plain = verifierWith('plain', 0)

        for (const step of steps) {
          if (step.kind === 'wait') clock.advance(step.ms)
          if (step.kind === 'publish') keys = step.keys
          if (step.kind !== 'present') continue
          const event = { authorizationToken: step.header, methodArn: step.methodArn }

          const answers = [await settled(decide(event, remembering)), await settled(decide(event, plain))]

          expect(answers[0]).toEqual(answers[1])
          // It must not keep the keys from being fetched either.
          expect(fetches.remembering).toBe(fetches.plain)
        }
      }),
    )
  })
})

function settled(decision: Promise<unknown>): Promise<unknown> {
  return decision.catch((error: unknown) =>
    error instanceof AuthorizerError || error instanceof KeySetError ? error.reason : error,
  )
}
