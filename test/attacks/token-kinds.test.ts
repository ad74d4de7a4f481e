// Tokens that are half a user's and half a machine's, or of a mode that is not accepted: each kind has its own rule.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppClient } from '#services/app2-accounts/authorizer/access-claims.ts'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import {
  machineScopeClaims,
  serviceScopeClaims,
  serviceUserClaims,
  testClients,
  testPool,
  type Changes,
} from '../support/tokens.ts'
import { present, unauthorized } from './support/repel.ts'
import { openStage, stageArn, type Stage } from './support/stage.ts'

type Attack = readonly [name: string, claims: Changes, reason: string]

const now = manualClock().now()
const nowSeconds = now / 1_000
const { machineClientId, serviceClientId, machineScopeClientId, serviceScopeClientId } = testPool
const bothScopes = 'app2/users.create app2/sample.call'
const bothGroups = ['api-client', 'service-user']

const bearer = (claims: Changes): string => `Bearer ${poolKey.accessToken({ now, claims })}`

describe('where every mode is accepted', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.close())

  const repel = (attacks: readonly Attack[]): void => {
    it.for(attacks)('%s', async ([, claims, reason], context) => {
      expect(await present(stage, bearer(claims), context)).toEqual(unauthorized(reason))
    })
  }

  describe('a machine’s token with a user in it', () => {
    const withUser = (username: unknown): Attack => [
      `username ${JSON.stringify(username)}`,
      { ...machineScopeClaims, username },
      'username_in_machine_token',
    ]
    const withGroups = (groups: unknown): Attack => [
      `groups ${JSON.stringify(groups)}`,
      { ...machineScopeClaims, 'cognito:groups': groups },
      'groups_in_machine_token',
    ]

    repel([
      ...['latchkey-machine-a', '', null, 0, false, ['a'], {}].map(withUser),
      ...[['api-client'], bothGroups, [], 'api-client', '', null, {}].map(withGroups),
      ['of a service, with groups', { ...serviceScopeClaims, 'cognito:groups': bothGroups }, 'groups_in_machine_token'],
      [
        'with groups and without a scope',
        { ...machineScopeClaims, scope: undefined, 'cognito:groups': bothGroups },
        'groups_in_machine_token',
      ],
    ])
  })

  describe('a user’s token with our scopes', () => {
    repel([
      ['of the machine user', { scope: 'app2/users.create' }, 'scope_in_user_token'],
      [
        'of the machine user, beside its own',
        { scope: `aws.cognito.signin.user.admin ${bothScopes}` },
        'scope_in_user_token',
      ],
      ['of a service user', { ...serviceUserClaims, scope: 'app2/sample.call' }, 'scope_in_user_token'],
      ['of a service user, the machine’s', { ...serviceUserClaims, scope: 'app2/users.create' }, 'scope_in_user_token'],
      ['of a user without a group', { 'cognito:groups': undefined, scope: bothScopes }, 'scope_in_user_token'],
      ['joined by two spaces', { 'cognito:groups': undefined, scope: 'app2/users.create  x' }, 'malformed_scope'],
      ['as a list', { 'cognito:groups': undefined, scope: ['app2/users.create'] }, 'malformed'],
    ])
  })

  describe('a token by the other kind’s client', () => {
    repel([
      [
        'a machine’s by the machine user’s',
        { ...machineScopeClaims, client_id: machineClientId, sub: 'a' },
        'no_username',
      ],
      [
        'a machine’s by the service users’',
        { ...serviceScopeClaims, client_id: serviceClientId, sub: 'a' },
        'no_username',
      ],
      [
        'a machine’s by the machine user’s, with its groups',
        { ...machineScopeClaims, client_id: machineClientId, sub: 'a', 'cognito:groups': bothGroups },
        'no_username',
      ],
      ['a machine user’s by the machine’s own', { client_id: machineScopeClientId }, 'username_in_machine_token'],
      [
        'a machine user’s by the machine’s own, with the scope',
        { client_id: machineScopeClientId, scope: bothScopes },
        'username_in_machine_token',
      ],
      [
        'a service user’s by a service’s own',
        { ...serviceUserClaims, client_id: serviceScopeClientId },
        'username_in_machine_token',
      ],
      [
        'a service user’s by the machine’s own',
        { ...serviceUserClaims, client_id: machineScopeClientId, scope: bothScopes },
        'username_in_machine_token',
      ],
    ])
  })

  describe('whom a machine’s token names', () => {
    repel([
      ['sub empty', { ...machineScopeClaims, sub: '' }, 'no_subject'],
      ['sub null', { ...machineScopeClaims, sub: null }, 'malformed'],
      [
        'two clients',
        { ...machineScopeClaims, client_id: `${machineScopeClientId} ${machineClientId}` },
        'unknown_client',
      ],
      [
        'a client in the audience',
        { ...machineScopeClaims, client_id: undefined, aud: machineScopeClientId },
        'unknown_client',
      ],
      ['a client in sub', { ...machineScopeClaims, client_id: undefined }, 'unknown_client'],
      ['an ID token’s use', { ...machineScopeClaims, token_use: 'id' }, 'wrong_token_use'],
      ['no use', { ...machineScopeClaims, token_use: undefined }, 'wrong_token_use'],
      ['no expiry', { ...machineScopeClaims, exp: undefined }, 'invalid_expiry'],
      ['expired', { ...machineScopeClaims, exp: nowSeconds }, 'expired'],
      [
        'another pool’s',
        { ...machineScopeClaims, iss: testPool.issuer.replace('TestPool1', 'OtherPool') },
        'wrong_issuer',
      ],
    ])
  })
})

describe('a mode that is not accepted', () => {
  const opened: Stage[] = []
  afterAll(() => Promise.all(opened.map((stage) => stage.close())))

  const openWith = async (...ids: string[]): Promise<Stage> => {
    const clients = new Map<string, AppClient>([...testClients].filter(([id]) => ids.includes(id)))
    const stage = await openStage({ rules: { clients, refuseIssuedBefore: new Map() } })
    opened.push(stage)
    return stage
  }

  it.for([
    ['scopes, where machine users sign in', [machineClientId, serviceClientId], machineScopeClaims, {}],
    ['a service’s own, where machine users sign in', [machineClientId, serviceClientId], serviceScopeClaims, {}],
    ['a machine user, where scopes count', [machineScopeClientId, serviceClientId], {}, machineScopeClaims],
    [
      'a service’s own, which was not asked for',
      [machineScopeClientId, serviceClientId],
      serviceScopeClaims,
      machineScopeClaims,
    ],
  ] as const)('%s', async ([, ids, claims, good], context) => {
    const stage = await openWith(...ids)
    const methodArn = `${stageArn}/POST/admin/create-user`
    expect(await stage.ask({ authorizationToken: bearer(good), methodArn })).toEqual({ outcome: 'allowed' })

    expect(await present(stage, bearer(claims), context)).toEqual(unauthorized('unknown_client'))
  })

  it.for([
    ['a machine user', {}],
    ['a machine', machineScopeClaims],
  ] as const)('%s, where App1 signs its requests', async ([, claims], context) => {
    const stage = await openWith(serviceClientId)

    expect(await present(stage, bearer(claims), context)).toEqual(unauthorized('unknown_client'))
  })
})

describe('a token from before the cut-off', () => {
  const opened: Stage[] = []
  afterAll(() => Promise.all(opened.map((stage) => stage.close())))

  it.for([
    ['of a machine user', {}, 'api-client'],
    ['of a service user', serviceUserClaims, 'service-user'],
    ['of a machine', machineScopeClaims, 'app2/users.create'],
    ['of a service', serviceScopeClaims, 'app2/sample.call'],
  ] as const)('%s, by a second or without a date', async ([, claims, name], context) => {
    const stage = await openStage({ rules: { clients: testClients, refuseIssuedBefore: new Map([[name, now]]) } })
    opened.push(stage)
    const path = claims === serviceUserClaims || claims === serviceScopeClaims ? '/sample' : '/admin/create-user'
    const later = { authorizationToken: bearer({ ...claims, iat: nowSeconds }), methodArn: `${stageArn}/POST${path}` }
    expect(await stage.ask(later)).toEqual({ outcome: 'allowed' })

    for (const iat of [nowSeconds - 1, 0, -1, undefined]) {
      expect(await present(stage, bearer({ ...claims, iat }), context)).toEqual(unauthorized('issued_before_cut_off'))
    }
  })
})
