import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPolicy } from '#services/app2-accounts/authorizer/policy.ts'
import { accessRules, knownGroups, knownScopes } from '#shared/access-rules.ts'
import { tableAllows, tokenIdentity } from './identities.ts'

const stageArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/dev'
const gated = accessRules.flatMap(({ method, path, access }) => (access === 'public' ? [] : [{ method, path }]))

const identity = fc.tuple(fc.uuid(), tokenIdentity).map(([sub, who]) => ({ ...who, sub }))
const methodArn = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PATCH'),
    path: fc.oneof(
      fc.constantFrom(...accessRules.map(({ path }) => path as string)),
      fc.webPath(),
      fc.constantFrom('/x/../sample', '/%73ample', '//sample', '/sample/', '/*', '/SAMPLE'),
    ),
  })
  .map(({ method, path }) => `${stageArn}/${method}${path === '' ? '/' : path}`)

const known = (names: readonly string[], given: readonly string[]): string =>
  names.filter((name) => given.includes(name)).join(' ')

describe('the policy', () => {
  it('for any bearer, any groups or scopes and whatever was asked for, allows exactly what the table says', () => {
    fc.assert(
      fc.property(identity, methodArn, (claims, asked) => {
        const [{ Effect, Resource }] = createPolicy({ methodArn: asked, claims }).policyDocument.Statement

        for (const { method, path } of gated) {
          const allowed = Effect === 'Allow' && Resource.includes(`${stageArn}/${method}${path}`)
          expect(allowed).toBe(tableAllows(claims, { method, path }))
        }
      }),
    )
  })

  it('names nothing but gated routes of the same API and stage, without a wildcard', () => {
    const names = gated.map(({ method, path }) => `${stageArn}/${method}${path}`)
    fc.assert(
      fc.property(identity, methodArn, (claims, asked) => {
        const [{ Resource }] = createPolicy({ methodArn: asked, claims }).policyDocument.Statement

        expect(Resource.length).toBeGreaterThan(0)
        expect(names).toEqual(expect.arrayContaining([...Resource]))
      }),
    )
  })

  it('does not depend on the route that was asked for, so that it may be cached by the token', () => {
    fc.assert(
      fc.property(identity, methodArn, methodArn, (claims, one, other) => {
        expect(createPolicy({ methodArn: one, claims })).toEqual(createPolicy({ methodArn: other, claims }))
      }),
    )
  })

  it('has a context of flat strings with known groups and scopes alone, in half of the 8 kB that API Gateway takes', () => {
    fc.assert(
      fc.property(identity, methodArn, (claims, asked) => {
        const result = createPolicy({ methodArn: asked, claims })

        expect(result.context).toEqual({
          sub: claims.sub,
          client: claims.client,
          token: claims.kind,
          groups: known(knownGroups, claims.kind === 'user' ? claims.groups : []),
          scopes: known(knownScopes, claims.kind === 'machine' ? claims.scopes : []),
        })
        expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(4_096)
      }),
    )
  })

  it('for any text as methodArn is a policy without wildcards, or an AuthorizerError', () => {
    const nearly = fc
      .tuple(fc.constantFrom(stageArn, 'arn:aws:execute-api:', ''), fc.string())
      .map((parts) => parts.join('/'))
    const claims = { kind: 'user', sub: 'sub-1', client: 'machine', groups: ['api-client'] } as const
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), nearly, methodArn), (asked) => {
        try {
          const [{ Resource }] = createPolicy({ methodArn: asked, claims }).policyDocument.Statement
          expect(Resource).toHaveLength(2)
          for (const arn of Resource) {
            expect(arn).toMatch(/^arn:aws[a-z-]*:execute-api:[^*?\s]+\/POST\/admin\/(create-user|check-users)$/)
          }
        } catch (error) {
          expect(error).toMatchObject({ name: 'AuthorizerError', reason: 'invalid_method_arn' })
        }
      }),
    )
  })
})
