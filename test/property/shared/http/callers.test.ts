import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPolicy } from '#services/app2-accounts/authorizer/policy.ts'
import { accessRules, findAccessRule, opens, type ClientKind } from '#shared/access-rules.ts'
import { createIamReader, createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import type { CallerReader } from '#shared/http/app-environment.ts'
import { createClaimsReader } from '#shared/http/claims-caller.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { testPool } from '#test/support/tokens.ts'
import { tableAllows, tokenIdentity } from '../../services/app2-accounts/authorizer/identities.ts'

const now = Date.UTC(2026, 0, 1)
const clientIds = { machine: testPool.machineScopeClientId, service: testPool.serviceScopeClientId } as const
const clients = new Map<string, ClientKind>([
  [clientIds.machine, 'machine'],
  [clientIds.service, 'service'],
])
const readClaims = createClaimsReader({ issuer: testPool.issuer, clients }, { now: () => now })
const readPrincipal = createIamReader([parseRoleArn('arn:aws:iam::123456789012:role/app1') ?? expect.fail()])

const gated = accessRules.filter(({ access }) => access !== 'public')

function letsIn(read: CallerReader, requestContext: unknown, { method, path }: (typeof gated)[number]): boolean {
  const caller = read(requestContext)
  const rule = findAccessRule(method, path)
  return caller !== undefined && rule !== undefined && opens(rule, caller)
}

describe('the second check', () => {
  it('behind our authorizer lets in exactly whom the table lets in, whoever it is', () => {
    const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev/POST/sample'
    fc.assert(
      fc.property(tokenIdentity, (who) => {
        const { context } = createPolicy({ methodArn, claims: { ...who, sub: 'sub-1' } })

        for (const route of gated) {
          expect(letsIn(createAuthorizerReader([]), { authorizer: context }, route)).toBe(tableAllows(who, route))
        }
      }),
    )
  })

  it('behind API Gateway’s own authorizer lets in exactly the machines that the table lets in', () => {
    fc.assert(
      fc.property(tokenIdentity, fc.integer({ min: -2, max: 2 }), (who, secondsLeft) => {
        const claims = {
          token_use: 'access',
          iss: testPool.issuer,
          client_id: clientIds[who.client],
          exp: String(now / 1_000 + secondsLeft),
          ...(who.kind === 'user'
            ? { username: 'a', 'cognito:groups': who.groups.join(','), scope: 'aws.cognito.signin.user.admin' }
            : who.scopes.length > 0 && { scope: who.scopes.join(' ') }),
        }

        for (const route of gated) {
          const expected = who.kind === 'machine' && secondsLeft > 0 && tableAllows(who, route)
          expect(letsIn(readClaims, { authorizer: { claims } }, route)).toBe(expected)
        }
      }),
    )
  })

  it('takes anything at all as a context without an error, and no source takes another’s', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({ authorizer: fc.anything(), identity: fc.anything() }),
      fc.record({ authorizer: fc.record({ claims: fc.anything() }), identity: fc.record({ userArn: fc.anything() }) }),
    )
    fc.assert(
      fc.property(anything, (requestContext) => {
        for (const read of [createAuthorizerReader([]), readClaims, readPrincipal]) {
          expect(read(requestContext)).toBeUndefined()
        }
      }),
    )
  })
})
