import { describe, expect, it } from 'vitest'
import { readHumanConfig } from '#shared/human/human-issuers.ts'
import { configurationProblems } from '#test/support/configuration-problems.ts'

const idp = 'https://idp.example.com#email=portal+cli'
const pool = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_People001'
const own = { USER_POOL_ID: 'eu-west-1_TestPool1' }
const read = (HUMAN_ISSUERS: string, more: Record<string, string> = {}) =>
  readHumanConfig({ ...own, HUMAN_IDENTITY: 'claimed', HUMAN_ISSUERS, ...more })
const problems = (HUMAN_ISSUERS: string, more: Record<string, string> = {}) =>
  configurationProblems(() => read(HUMAN_ISSUERS, more))
const invalid = ['HUMAN_ISSUERS is not valid']

describe('the issuers of humans', () => {
  it('are none unless some are named', () => {
    expect(readHumanConfig(own)).toBeUndefined()
    expect(read('', { HUMAN_IDENTITY: 'claimed' })).toBeUndefined()
  })

  it('are read with their claim and audiences, and claimed humans count beside them', () => {
    expect(read(`${idp},${pool}#username=abc`)).toEqual({
      identity: 'claimed',
      issuers: [
        {
          ...{ issuer: 'https://idp.example.com', claim: 'email', audiences: ['portal', 'cli'] },
          ...{ userPoolId: undefined, jwksUri: undefined },
        },
        {
          ...{ issuer: pool, claim: 'username', audiences: ['abc'] },
          ...{ userPoolId: 'eu-west-1_People001', jwksUri: `${pool}/.well-known/jwks.json` },
        },
      ],
    })
  })

  it('of which a pool has its keys where its endpoint is moved to', () => {
    const config = read(`${pool}#username=abc`, {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      HUMAN_IDENTITY: 'verified',
    })

    expect(config).toMatchObject({
      identity: 'verified',
      issuers: [{ issuer: pool, jwksUri: 'http://127.0.0.1:4566/eu-west-1_People001/.well-known/jwks.json' }],
    })
  })

  it.each([
    'https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_People001',
    'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_People001/',
    'https://idp.example.com/eu-west-1_People001',
  ])('%s is no user pool', (issuer) => {
    expect(read(`${issuer}#sub=a`)?.issuers).toMatchObject([{ issuer, userPoolId: undefined, jwksUri: undefined }])
  })

  it.each([
    'https://idp.example.com/#email=a',
    'https://idp.example.com/tenant/#email=a',
    'https://idp.example.com:8443#email=a',
    'https://tokens.sts.global.api.aws.example.com#email=a',
    'http://127.0.0.1:8080#email=a',
    'http://localhost:8080/x#email=a',
    'https://idp.example.com#https://x.example/email=a',
    'https://idp.example.com#email=api://a.b/c~d_e@f',
    `https://idp.example.com#${'c'.repeat(128)}=${'a'.repeat(256)}`,
    `https://idp.example.com/${'p'.repeat(232)}#email=a`,
  ])('%s is one', (entry) => {
    expect(read(entry)?.issuers).toHaveLength(1)
  })

  it.each([
    'https://idp.example.com',
    'https://idp.example.com#email',
    'https://idp.example.com#=a',
    'https://idp.example.com#email=',
    '#email=a',
    'x#https://idp.example.com#email=a',
    'idp.example.com#email=a',
    'http://idp.example.com#email=a',
    'https://user@idp.example.com#email=a',
    'https://idp.example.com?x=1#email=a',
    'https://idp.example.com?x#email=a',
    'https://IDP.example.com#email=a',
    'https://idp.example.com:443#email=a',
    'https://idp.example.com/a/../b#email=a',
    ' https://idp.example.com#email=a',
    'https://idp.example.com#email=a ',
    'https://idp.example.com#email=a+',
    'https://idp.example.com#email=+a',
    'https://idp.example.com#email=a+a',
    'https://idp.example.com#e*mail=a',
    'https://idp.example.com#email=a*',
    'https://abc-1.tokens.sts.global.api.aws#sub=a',
    'https://idp.example.com#email=a=b',
    'https://idp.example.com#email=a#b=c',
    `https://idp.example.com#${'c'.repeat(129)}=a`,
    `https://idp.example.com#email=${'a'.repeat(257)}`,
    `https://idp.example.com/${'p'.repeat(233)}#email=a`,
    `${idp},`,
    `,${idp}`,
    `${idp}, ${pool}#sub=a`,
    `${idp},${idp}`,
    `${idp},https://idp.example.com#sub=a`,
  ])('%s is refused', (entry) => {
    expect(problems(entry)).toEqual(invalid)
  })

  it('that are plain http are refused in Lambda, where nothing is on this machine', () => {
    const plain = 'http://127.0.0.1:8080#email=a'

    expect(problems(`${idp},${plain}`, { AWS_LAMBDA_FUNCTION_NAME: 'f' })).toEqual([
      'HUMAN_ISSUERS must be https in Lambda',
    ])
    expect(problems(idp, { AWS_LAMBDA_FUNCTION_NAME: 'f' })).toEqual([])
  })

  it('are not the pair’s own pool, whose users are programs', () => {
    const ownIssuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1'

    expect(problems(`${idp},${ownIssuer}#username=a`)).toEqual([
      'HUMAN_ISSUERS names this pair’s own user pool, whose users are no humans',
    ])
  })

  it('need a word on whether humans have to be verified: an absent one could be lost', () => {
    expect(problems(idp, { HUMAN_IDENTITY: '' })).toEqual(['HUMAN_IDENTITY is missing'])
    expect(problems('', { HUMAN_IDENTITY: '' })).toEqual([])
  })

  it('have to be there where humans have to be verified', () => {
    expect(problems('', { HUMAN_IDENTITY: 'verified' })).toEqual([
      'HUMAN_IDENTITY is verified, but HUMAN_ISSUERS is missing',
    ])
    expect(problems(idp, { HUMAN_IDENTITY: 'certain' })).toEqual(['HUMAN_IDENTITY is not valid'])
    expect(problems(idp, { HUMAN_IDENTITY: 'verified' })).toEqual([])
  })
})
