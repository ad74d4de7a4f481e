import {
  AddUserPoolClientSecretCommand,
  AdminSetUserPasswordCommand,
  DeleteUserPoolClientSecretCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRotationHandler, type RotationDeps } from '#services/credential-rotation/rotation-handler.ts'
import type { TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import { both, client, clientToken, storedClient } from './client-secret-bench.ts'
import { callsOf, startRotationBench, type RotationBench } from './rotation-bench.ts'

const password = { accepted: ['password'], app2Authorizer: 'lambda' } as const satisfies TemplateChoice
const clientCredentials = {
  accepted: ['client-credentials'],
  app2Authorizer: 'lambda',
} as const satisfies TemplateChoice

type Staging = 'under an empty version' | 'with no version of its own'

/** RotateSecret without an immediate rotation: testSecret alone, on a version that Secrets Manager makes up. */
function configurationTest(
  bench: RotationBench,
  staging: Staging = 'under an empty version',
  deps: RotationDeps = bench.deps(),
): () => Promise<void> {
  const version = randomUUID()
  const placeholder = staging === 'under an empty version' && { [version]: ['AWSPENDING'] }
  const describe = async () => ({ rotationEnabled: true, stages: { ...(await bench.stages()), ...placeholder } })
  const handle = createRotationHandler({ ...deps, store: { ...deps.store, describe } })
  const event = {
    Step: 'testSecret',
    SecretId: bench.provisioned.machineSecretArn,
    ClientRequestToken: version,
    RotationToken: 'token',
  }
  return () => handle(event, { getRemainingTimeInMillis: () => 60_000 })
}

const writes = ({ aws }: RotationBench, since: number): string[] =>
  aws.calls
    .slice(since)
    .flatMap(({ operation }) =>
      /^(Get|List|Describe|AdminGet|Initiate|Revoke|Token)/.test(operation) ? [] : [operation],
    )

describe('rotate-secret without an immediate rotation', () => {
  const healthy = [
    ['password', password, 'current_signed_in'],
    ['client-token', clientToken, 'current_token_issued'],
    ['client-credentials', clientCredentials, 'current_token_issued'],
    ['password and client-token', both, 'current_signed_in'],
  ] as const
  const stagings = ['under an empty version', 'with no version of its own'] as const

  it.each(healthy.flatMap((each) => stagings.map((staging) => [...each, staging] as const)))(
    'with %s tries what serves, and writes nothing',
    async (_, choice, outcome, staging) => {
      const bench = await startRotationBench({}, choice)
      await bench.rotate()
      const [signIns, tokens] = [callsOf(bench, 'InitiateAuth'), callsOf(bench, 'GetClientToken')]
      const stages = await bench.stages()
      const since = bench.aws.calls.length

      await configurationTest(bench, staging)()

      expect(bench.logger.lines.at(-1)).toMatchObject({ operation: 'testSecret', outcome })
      expect(writes(bench, since)).toEqual([])
      expect(await bench.stages()).toEqual(stages)
      const accepts = (mode: string): number => (choice.accepted.some((accepted) => accepted === mode) ? 1 : 0)
      expect(callsOf(bench, 'InitiateAuth') - signIns).toBe(accepts('password'))
      expect(callsOf(bench, 'GetClientToken') - tokens).toBe(accepts('client-token'))
    },
  )

  it('fails where another password was set: it is offered once, and its user stays enabled', async () => {
    const bench = await startRotationBench()
    await bench.rotate()
    const { username } = await bench.stored()
    const { userPoolId: UserPoolId } = bench.provisioned
    const another = { UserPoolId, Username: username, Password: 'Another-Password-1', Permanent: true }
    await bench.cognito.send(new AdminSetUserPasswordCommand(another))
    const before = callsOf(bench, 'InitiateAuth')
    const test = configurationTest(bench)

    for (let call = 1; call <= 3; call += 1) {
      await expect(test()).rejects.toMatchObject({ reason: 'current_rejected', withdrawn: false })
    }

    expect(callsOf(bench, 'InitiateAuth') - before).toBe(1)
    expect(await bench.user(username)).toMatchObject({ enabled: true })
  })

  it.each([
    ['disabled', (bench: RotationBench, name: string) => bench.disable(name)],
    ['deleted', (bench: RotationBench, name: string) => bench.remove(name)],
  ])('fails where the user in use is %s, and offers no password', async (_, change) => {
    const bench = await startRotationBench()
    await bench.rotate()
    await change(bench, (await bench.stored()).username)
    const before = callsOf(bench, 'InitiateAuth')

    await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'current_rejected' })

    expect(callsOf(bench, 'InitiateAuth')).toBe(before)
  })

  it('fails where the client secret in use is gone, and offers it once', async () => {
    const bench = await startRotationBench({}, clientToken)
    await bench.rotate()
    const { scope_client_secret_id: ClientSecretId } = await storedClient(bench)
    await bench.cognito.send(new AddUserPoolClientSecretCommand(client(bench))).catch(() => undefined)
    await bench.cognito.send(new DeleteUserPoolClientSecretCommand({ ...client(bench), ClientSecretId }))
    const before = callsOf(bench, 'GetClientToken')

    await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'current_rejected' })

    expect(callsOf(bench, 'GetClientToken') - before).toBe(1)
  })

  it('before the first rotation says that there is nothing to try', async () => {
    const bench = await startRotationBench()

    await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'pending_without_value' })
    const unstaged = configurationTest(bench, 'with no version of its own')()
    await expect(unstaged).rejects.toMatchObject({ reason: 'current_outdated' })
  })

  it('after a deployment that accepts another mode says that its credentials are not made yet', async () => {
    const bench = await startRotationBench({}, both)
    const { scopeClient, ...passwordAlone } = bench.deps()
    expect(scopeClient).toBeDefined()
    await bench.rotate()
    const { username, password, client_id, client_secret, idempotency_secret } = await bench.stored()
    await bench.put({ username, password, client_id, client_secret, idempotency_secret })

    await configurationTest(bench, 'under an empty version', passwordAlone)()
    await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'current_outdated' })
  })

  it('is not what a version with a value is for: one that was withdrawn is refused', async () => {
    const bench = await startRotationBench()
    await bench.rotate()
    const { store, ...deps } = bench.deps()
    const version = await bench.put(await bench.stored(), ['AWSPENDING'])
    await store.withdraw(version, { signal: new AbortController().signal })
    const described = { ...store, describe: async () => ({ rotationEnabled: true, stages: await bench.stages() }) }
    const handle = createRotationHandler({ ...deps, store: described })
    const event = { Step: 'testSecret', SecretId: deps.secretArn, ClientRequestToken: version }

    const refused = handle(event, { getRemainingTimeInMillis: () => 60_000 })

    await expect(refused).rejects.toMatchObject({ reason: 'version_unknown' })
  })

  it('is not taken for one where the function itself has stored the value that is not shown', async () => {
    const bench = await startRotationBench()
    await bench.rotate()
    const { store, ...deps } = bench.deps()
    const version = randomUUID()
    let isHidden = false
    const handle = createRotationHandler({
      ...deps,
      store: {
        ...store,
        describe: async () => ({
          rotationEnabled: true,
          stages: { ...(await bench.stages()), [version]: ['AWSPENDING'] },
        }),
        read: async (wanted, options) => (isHidden && 'id' in wanted ? undefined : store.read(wanted, options)),
      },
    })
    const run = (Step: string): Promise<void> =>
      handle(
        { Step, SecretId: deps.secretArn, ClientRequestToken: version },
        { getRemainingTimeInMillis: () => 60_000 },
      )
    await run('createSecret')
    await run('setSecret')
    isHidden = true

    await expect(run('testSecret')).rejects.toMatchObject({ reason: 'pending_without_value' })
  })
})
