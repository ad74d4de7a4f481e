import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { app1AccountId } from '#infra/local/local-signers.ts'
import { stsToken } from '#infra/local/machine-token.ts'
import { bearer, call, post, startInProcessPair, type Answer, type InProcessPair } from '../support/in-process-pair.ts'
import { createUserRequestBody, serviceUserRequest } from '../support/requests.ts'
import { countTokenRequests } from '../support/token-requests.ts'

let running: InProcessPair

let created = 0
const create = (): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: `worker-${++created}` }))
const read = (): Promise<Answer> => call('GET', `${running.pair.app1Url}/service-users/worker-1`)

const tokensFor = async (work: () => Promise<Answer>): Promise<[status: number, tokens: number]> => {
  const before = countTokenRequests(running.aws.calls, 'sts-token')
  const { status } = await work()
  return [status, countTokenRequests(running.aws.calls, 'sts-token') - before]
}

describe('the pair, with a token of STS for each creation', () => {
  beforeAll(async () => {
    running = await startInProcessPair({ machineAuth: 'sts-token', stsTokenPerRequest: true })
  })
  afterAll(() => running.close())

  it('asks for one for each creation, and for one for all that reads', async () => {
    expect([await tokensFor(create), await tokensFor(create)]).toEqual([
      [201, 1],
      [201, 1],
    ])
    expect([await tokensFor(read), await tokensFor(read)]).toEqual([
      [200, 1],
      [200, 0],
    ])
  })

  it('lets App1’s role create nobody by a token that is for no creation', async () => {
    const { pair } = running
    const token = await stsToken(pair, pair.app2Signers?.provisioner ?? expect.fail())

    const answer = await post(`${pair.app2Url}/admin/create-user`, createUserRequestBody(), bearer(token))

    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })
})

describe('App1, in an account', () => {
  beforeAll(async () => {
    running = await startInProcessPair({ machineAuth: 'sts-token' })
  })
  afterAll(() => running.close())

  it('that gives no tokens, answers as one that has none, and says why in its log', async () => {
    running.aws.disableWebIdentity(app1AccountId)

    const answer = await create()

    expect(answer).toMatchObject({ status: 503, body: { outcome: 'none' } })
    expect(running.output()).toContain('OutboundWebIdentityFederationDisabledException')
  })
})
