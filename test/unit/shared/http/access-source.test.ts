import { describe, expect, it } from 'vitest'
import { createCallerReader, readAccessSource } from '#shared/http/access-source.ts'

const account = 'arn:aws:iam::111111111111:'
const roleArn = `${account}role/app1-role`
const scopeClients = 'MACHINE_SCOPE_CLIENT_ID and SERVICE_SCOPE_CLIENT_ID'
const claims = {
  ACCESS_FROM: 'claims',
  USER_POOL_ID: 'eu-west-1_abc',
  MACHINE_SCOPE_CLIENT_ID: 'machine2',
  SERVICE_SCOPE_CLIENT_ID: 'service2',
}
const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc'

describe('readAccessSource', () => {
  it.each([{}, { ACCESS_FROM: '' }, { ACCESS_FROM: 'authorizer' }, { ...claims, ACCESS_FROM: 'authorizer' }])(
    'of %j is our authorizer',
    (environment) => {
      expect(readAccessSource(environment)).toEqual({ from: 'authorizer' })
    },
  )

  it('of our authorizer has App1’s roles where it takes their tokens, and then only theirs', () => {
    const source = readAccessSource({ PROVISIONER_ROLE_ARNS: roleArn })
    const authorizer = { sub: roleArn, token: 'principal' }

    expect(source).toMatchObject({ from: 'authorizer', provisioners: [{ arn: roleArn }] })
    const read = createCallerReader(source, { now: Date.now })
    expect(read({ authorizer })).toMatchObject({ kind: 'principal', sub: roleArn })
    expect(read({ authorizer: { ...authorizer, sub: `${roleArn}2` } })).toBeUndefined()
    const withoutRoles = createCallerReader(readAccessSource({}), { now: Date.now })
    expect(withoutRoles({ authorizer })).toBeUndefined()
  })

  it('of claims has the pool’s issuer and the clients by id', () => {
    expect(readAccessSource(claims)).toEqual({
      from: 'claims',
      issuer,
      clients: new Map([
        ['machine2', 'machine'],
        ['service2', 'service'],
      ]),
    })
  })

  it.each([
    [{ ...claims, SERVICE_SCOPE_CLIENT_ID: undefined }, [['machine2', 'machine']]],
    [{ ...claims, MACHINE_SCOPE_CLIENT_ID: undefined }, [['service2', 'service']]],
  ])('of claims may have the one client of its function’s route', (environment, clients) => {
    expect(readAccessSource(environment)).toMatchObject({ clients: new Map(clients as [string, string][]) })
  })

  it.each([[[roleArn]], [[roleArn, `${account}role/jobs`]]])('of iam has App1’s roles, %j', (roles) => {
    expect(readAccessSource({ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: 'none' })).toEqual({
      from: 'iam',
      provisioners: [],
    })
    expect(readAccessSource({ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: roles.join(',') })).toMatchObject({
      from: 'iam',
      provisioners: roles.map((arn) => ({ arn })),
    })
  })

  it.each<[Record<string, string | undefined>, string]>([
    [{ ACCESS_FROM: 'Claims' }, 'ACCESS_FROM is not valid'],
    [{ ACCESS_FROM: 'claims,iam' }, 'ACCESS_FROM is not valid'],
    [{ ACCESS_FROM: 'claims' }, `USER_POOL_ID is missing; ${scopeClients} are both missing`],
    [{ ...claims, USER_POOL_ID: undefined }, 'USER_POOL_ID is missing'],
    [{ ...claims, SERVICE_SCOPE_CLIENT_ID: 'machine2' }, `${scopeClients} must differ`],
    [{ ACCESS_FROM: 'iam' }, 'PROVISIONER_ROLE_ARNS is missing'],
    [{ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: `${account}role/*` }, 'PROVISIONER_ROLE_ARNS is not valid'],
    [{ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: `${account}root` }, 'PROVISIONER_ROLE_ARNS is not valid'],
    [{ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: `${roleArn},` }, 'PROVISIONER_ROLE_ARNS is not valid'],
    [{ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: `${roleArn}, ${roleArn}` }, 'PROVISIONER_ROLE_ARNS is not valid'],
    [
      { ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: `${roleArn},${account}role/*` },
      'PROVISIONER_ROLE_ARNS is not valid',
    ],
  ])('of %j is refused, for this and nothing else: %s', (environment, problem) => {
    const message = `Configuration refused: ${problem}`

    expect(() => readAccessSource(environment)).toThrow(expect.objectContaining({ message }))
  })
})

describe('createCallerReader', () => {
  const now = Date.UTC(2026, 0, 1)
  /** An event that every source would take for somebody, if it looked only at its own part. */
  const everything = {
    identity: { userArn: 'arn:aws:sts::111111111111:assumed-role/app1-role/s' },
    authorizer: {
      sub: 'by-authorizer',
      client: 'service',
      token: 'user',
      groups: 'service-user',
      scopes: '',
      claims: {
        sub: 'by-claims',
        token_use: 'access',
        iss: issuer,
        client_id: 'machine2',
        exp: String(now / 1_000 + 1),
        scope: 'app2/users.create',
      },
    },
  }

  it.each([
    [{}, 'by-authorizer'],
    [claims, 'by-claims'],
    [{ ACCESS_FROM: 'iam', PROVISIONER_ROLE_ARNS: roleArn }, roleArn],
  ])('for %j reads that one source', (environment, sub) => {
    const read = createCallerReader(readAccessSource(environment), { now: () => now })

    expect(read(everything)).toMatchObject({ sub })
  })

  it('goes by the clock that it is given', () => {
    const read = createCallerReader(readAccessSource(claims), { now: () => now + 1_000 })

    expect(read(everything)).toBeUndefined()
  })
})
