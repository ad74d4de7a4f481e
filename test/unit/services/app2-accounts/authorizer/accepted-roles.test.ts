import { describe, expect, it } from 'vitest'
import { readAcceptedRoles } from '#services/app2-accounts/authorizer/accepted-roles.ts'
import { stsAudience } from '#shared/machine/sts-token.ts'
import { configurationProblems } from '#test/support/configuration-problems.ts'
import { testSts } from '#test/support/sts-tokens.ts'

const { issuer, role, functionArn } = testSts
const environment = { USER_POOL_ID: 'eu-west-1_abc', MACHINE_AUTH_ACCEPTED: 'password,sts-token' }
const whole = { ...environment, STS_ISSUER: issuer, PROVISIONER_ROLE_ARNS: role }
const problems = (changes: Record<string, string>): unknown =>
  configurationProblems(() => readAcceptedRoles({ ...environment, ...changes }))

describe('the accepted roles', () => {
  it('are those of the mode, by the issuer of App1’s account', () => {
    const audience = stsAudience('eu-west-1_abc')

    expect(readAcceptedRoles({ ...whole, PROVISIONER_FUNCTION_ARNS: `${functionArn},${functionArn}-2` })).toEqual({
      issuer,
      jwksUri: `${issuer}/.well-known/jwks.json`,
      rules: { audience, roles: [role], functions: [functionArn, `${functionArn}-2`] },
    })
    expect(readAcceptedRoles(whole)?.rules.functions).toBeUndefined()
  })

  it('are none of an App1 that is not known yet', () => {
    const unlinked = { ...whole, PROVISIONER_ROLE_ARNS: 'none', PROVISIONER_FUNCTION_ARNS: 'none' }

    expect(readAcceptedRoles(unlinked)?.rules).toMatchObject({ roles: [], functions: [] })
  })

  it('have their keys at an emulator where there is one, under the same issuer', () => {
    const jwks = `/${new URL(issuer).host}/.well-known/jwks.json`
    const general = { ...whole, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }

    expect(readAcceptedRoles(general)).toMatchObject({ issuer, jwksUri: `http://127.0.0.1:4566${jwks}` })
    expect(readAcceptedRoles({ ...general, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9999' })?.jwksUri).toBe(
      `http://127.0.0.1:9999${jwks}`,
    )
  })

  it('are none without the mode, and what was left behind from it is refused', () => {
    const without = { MACHINE_AUTH_ACCEPTED: 'password' }

    expect(readAcceptedRoles({ ...environment, ...without })).toBeUndefined()
    expect(problems({ ...without, STS_ISSUER: issuer, PROVISIONER_FUNCTION_ARNS: functionArn })).toEqual([
      'STS_ISSUER is set, but MACHINE_AUTH_ACCEPTED has no sts-token',
      'PROVISIONER_FUNCTION_ARNS is set, but MACHINE_AUTH_ACCEPTED has no sts-token',
    ])
  })

  it('are refused with all that is missing', () => {
    expect(problems({})).toEqual(['STS_ISSUER is missing', 'PROVISIONER_ROLE_ARNS is missing'])
    expect(problems({ STS_ISSUER: issuer })).toEqual(['PROVISIONER_ROLE_ARNS is missing'])
    expect(problems({ PROVISIONER_ROLE_ARNS: role })).toEqual(['STS_ISSUER is missing'])
  })

  it.each([
    ['STS_ISSUER', `${issuer}/`],
    ['STS_ISSUER', 'https://abc.example.com'],
    ['STS_ISSUER', 'https://a.b.tokens.sts.global.api.aws'],
    ['STS_ISSUER', 'http://abc.tokens.sts.global.api.aws'],
    ['PROVISIONER_ROLE_ARNS', `${role},arn:aws:iam::123456789012:role/*`],
    ['PROVISIONER_ROLE_ARNS', 'arn:aws:iam::123456789012:root'],
    ['PROVISIONER_FUNCTION_ARNS', `${functionArn}:$LATEST`],
    ['PROVISIONER_FUNCTION_ARNS', `${functionArn},`],
    ['PROVISIONER_FUNCTION_ARNS', functionArn.replace('provisioner', '*')],
    ['PROVISIONER_FUNCTION_ARNS', `x${functionArn}`],
  ])('%s=%s is refused', (name, value) => {
    expect(problems({ ...whole, [name]: value })).toEqual([`${name} is not valid`])
  })
})
