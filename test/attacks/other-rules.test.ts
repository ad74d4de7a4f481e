// Good tokens of a mode that is not accepted, or from before a cut-off.
import { afterAll, describe, expect, it } from 'vitest'
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

const now = manualClock().now()
const nowSeconds = now / 1_000
const { machineClientId, serviceClientId, machineScopeClientId } = testPool

const bearer = (claims: Changes): string => `Bearer ${poolKey.accessToken({ now, claims })}`

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
