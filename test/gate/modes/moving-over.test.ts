import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { app1StsToken, machineToken } from '#infra/local/machine-token.ts'
import type { Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { accessRules } from '#shared/access-rules.ts'
import { scopeModes } from '#shared/machine/machine-auth.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { bearer, call, post, type Answer } from '../../support/in-process-pair.ts'
import { startRedeployablePair, type RedeployablePair } from '../../support/redeployable-pair.ts'
import { serviceUserRequest } from '../../support/requests.ts'

/** What API Gateway remembers of a token ends within its TTL. */
const policyCacheMs = 60_000

let running: RedeployablePair
let gatewayAheadMs: number
let created: number

afterEach(() => running.close())

const create = (): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: `worker-${++created}` }))

/** A user that was made, as App1 reads it. */
const read = (): Promise<Answer> => call('GET', `${running.pair.app1Url}/service-users/worker-1`)

/** One change of it; more would be more than an instance begins in a second. */
const enable = (): Promise<Answer> => call('POST', `${running.pair.app1Url}/service-users/worker-1/enable`)

/** This pair takes no dry runs. */
const machinePaths = accessRules.flatMap(({ path, access }) =>
  access !== 'public' && access.client === 'machine' && path !== '/admin/check-users' ? [path] : [],
)

const open = ['400 invalid_request']
const refused = ['401 unauthorized']

/** What the machine's routes say to `token`, each once: App2's own code has no use for the body. */
async function present(token: SecretValue): Promise<string[]> {
  const said = new Set<string>()
  for (const path of machinePaths) {
    const { status, body } = await post(`${running.pair.app2Url}${path}`, {}, bearer(token))
    said.add(`${status} ${(body as { readonly code?: string }).code ?? ''}`)
  }
  return [...said]
}

/** What a caller meets who asks all the time while `change` is made, and right after it. */
async function statusesDuring(change: () => Promise<void> | void): Promise<number[]> {
  const progress = { over: false }
  const asking = (async () => {
    const answers: Answer[] = []
    while (!progress.over) answers.push(await create(), await read())
    return [...answers, await create(), await read(), await enable()]
  })()
  await change()
  progress.over = true
  return (await asking).map(({ status }) => status)
}

/** By the rotation function of a deployment that accepts what these clients are for. */
function rotate(dropped: readonly (keyof Provisioned)[]): Promise<void> {
  const { clients, provisioned } = running.pair
  const kept = Object.entries(provisioned).filter(([name]) => !dropped.some((other) => other === name))
  return makeMachineCredentials({ ...clients, provisioned: Object.fromEntries(kept) as Provisioned })
}

async function secretFields(): Promise<string[]> {
  const { clients, provisioned } = running.pair
  const command = new GetSecretValueCommand({ SecretId: provisioned.machineSecretArn })
  const { SecretString = '{}' } = await clients.secrets.send(command)
  return Object.keys(JSON.parse(SecretString) as object).sort()
}

const passwordFields = ['client_id', 'client_secret', 'password', 'username']
const scopeFields = ['scope_client_id', 'scope_client_secret', 'scope_client_secret_id']

describe.each(scopeModes)('moving from password to %s', (scopeMode) => {
  beforeEach(async () => {
    gatewayAheadMs = 0
    created = 0
    running = await startRedeployablePair({
      machineAuth: 'password',
      machineAuthAlso: scopeMode,
      now: () => Date.now() + gatewayAheadMs,
    })
    // The starting point: nobody has heard of scopes yet.
    await rotate(['machineScopeClientId'])
    running.deploy({ machineAuth: 'password' })
  })

  it('loses no request at any step, and shuts the old way at the end', async () => {
    const statuses: number[][] = []
    const { pair } = running
    expect(await secretFields()).toEqual([...passwordFields, 'idempotency_secret'].sort())
    statuses.push([await create(), await read(), await enable()].map(({ status }) => status))

    // Before it is accepted, the new way is shut: the client's token is good, and opens nothing.
    await rotate([])
    const early = await machineToken(pair, scopeMode)
    expect(await present(early)).toEqual(refused)
    await rotate(['machineScopeClientId'])

    // 1. Both are accepted, and a rotation puts both into the secret.
    statuses.push(
      await statusesDuring(async () => {
        running.deploy({ machineAuth: 'password', machineAuthAlso: scopeMode })
        await rotate([])
      }),
    )
    expect(await secretFields()).toEqual([...passwordFields, ...scopeFields, 'idempotency_secret'].sort())
    const oldToken = await machineToken(pair, 'password')
    const unseenOldToken = await machineToken(pair, 'password')
    expect(await present(oldToken)).toEqual(open)
    expect(await present(await machineToken(pair, scopeMode))).toEqual(open)

    // 2. App1 is switched.
    statuses.push(
      await statusesDuring(() => {
        running.deploy({ machineAuth: scopeMode, machineAuthAlso: 'password' })
      }),
    )
    expect(await present(oldToken)).toEqual(open)

    // 3. The old way is shut, and a rotation takes it out of the secret.
    statuses.push(
      await statusesDuring(async () => {
        running.deploy({ machineAuth: scopeMode })
        await rotate(['machineClientId'])
      }),
    )
    expect(await secretFields()).toEqual([...scopeFields, 'idempotency_secret'].sort())

    expect(await present(unseenOldToken)).toEqual(refused)
    // A token that API Gateway has seen is let in until it forgets its policy, whatever was deployed meanwhile.
    expect(await present(oldToken)).toEqual(open)
    gatewayAheadMs += policyCacheMs + 1_000
    expect(await present(oldToken)).toEqual(refused)
    const event = {
      type: 'TOKEN',
      authorizationToken: `Bearer ${oldToken.expose()}`,
      methodArn: 'arn:aws:execute-api:us-east-1:123456789012:local/local/POST/admin/create-user',
    }
    await expect(running.invoke('authorizer', event)).rejects.toThrow('Unauthorized')
    expect(await present(await machineToken(pair, scopeMode))).toEqual(open)

    expect(statuses.every((step) => step.length > 0)).toBe(true)
    expect(new Set(statuses.flat())).toEqual(new Set([200, 201]))
  })
})

describe('moving from password to sts-token', () => {
  beforeEach(async () => {
    gatewayAheadMs = 0
    created = 0
    running = await startRedeployablePair({
      machineAuth: 'password',
      machineAuthAlso: 'sts-token',
      now: () => Date.now() + gatewayAheadMs,
    })
    running.deploy({ machineAuth: 'password' })
  })

  it('loses no request at any step, needs nothing of a rotation, and shuts the old way at the end', async () => {
    const { pair } = running
    const statuses: number[][] = [[await create(), await read(), await enable()].map(({ status }) => status)]
    const roleToken = () => app1StsToken(pair, { path: '/admin/create-user', body: '{}' })
    expect(await present(await roleToken())).toEqual(refused)

    for (const modes of [
      { machineAuth: 'password', machineAuthAlso: 'sts-token' },
      { machineAuth: 'sts-token', machineAuthAlso: 'password' },
    ] as const) {
      statuses.push(
        await statusesDuring(() => {
          running.deploy(modes)
        }),
      )
      expect(await present(await machineToken(pair, 'password'))).toEqual(open)
      expect(await present(await roleToken())).toEqual(open)
    }
    statuses.push(
      await statusesDuring(() => {
        running.deploy({ machineAuth: 'sts-token' })
      }),
    )

    expect(await present(await machineToken(pair, 'password'))).toEqual(refused)
    expect(await present(await roleToken())).toEqual(open)
    expect(new Set(statuses.flat())).toEqual(new Set([200, 201]))
  })
})
