import {
  AdminSetUserPasswordCommand,
  DeleteUserPoolClientSecretCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import {
  both,
  clientToken,
  hiding,
  password,
  rotationBenches,
  startInstance,
  type RotationBench,
} from './rotation-bench.ts'

const clientCredentials: TemplateChoice = { accepted: ['client-credentials'], app2Authorizer: 'lambda' }

const stagings = ['under an empty version', 'with no version of its own'] as const

/** RotateSecret without an immediate rotation: testSecret alone, on a version that Secrets Manager makes up. */
function configurationTest(
  bench: RotationBench,
  staging: (typeof stagings)[number] = 'under an empty version',
  deps = bench.deps(),
): () => Promise<void> {
  const { run } = startInstance(bench, { deps, ...(staging === 'with no version of its own' && { labels: [] }) })
  return () => run('testSecret', { RotationToken: 'token' })
}

const reads = /^(Get|List|Describe|AdminGet|Initiate|Revoke|Token)/

describe.each([
  ['password', password, 'current_signed_in'],
  ['client-token', clientToken, 'current_token_issued'],
  ['client-credentials', clientCredentials, 'current_token_issued'],
  ['password and client-token', both, 'current_signed_in'],
] as const)('rotate-secret without an immediate rotation, with %s', (_, choice, outcome) => {
  const rotated = rotationBenches(choice)

  it.each(stagings)('%s tries what serves, and writes nothing', async (staging) => {
    const bench = await rotated(1)
    const [signIns, tokens] = [bench.calls('InitiateAuth'), bench.calls('GetClientToken')]
    const stages = await bench.stages()
    const since = bench.aws.calls.length

    await configurationTest(bench, staging)()

    expect(bench.logger.lines.at(-1)).toMatchObject({ operation: 'testSecret', outcome })
    expect(bench.aws.calls.slice(since).filter(({ operation }) => !reads.test(operation))).toEqual([])
    expect(await bench.stages()).toEqual(stages)
    const accepts = (mode: string): number => (choice.accepted.some((accepted) => accepted === mode) ? 1 : 0)
    expect(bench.calls('InitiateAuth') - signIns).toBe(accepts('password'))
    expect(bench.calls('GetClientToken') - tokens).toBe(accepts('client-token'))
  })
})

describe('rotate-secret without an immediate rotation', () => {
  const rotated = rotationBenches()
  const rotatedBoth = rotationBenches(both)

  it('fails where another password was set: each instance offers it once, and its user stays enabled', async () => {
    const bench = await rotated(1)
    const { username: Username } = await bench.stored()
    const { userPoolId: UserPoolId } = bench.provisioned
    const another = { UserPoolId, Username, Password: 'Another-Password-1', Permanent: true }
    await bench.cognito.send(new AdminSetUserPasswordCommand(another))
    const before = bench.calls('InitiateAuth')
    const [test, otherInstance] = [configurationTest(bench), configurationTest(bench)]

    for (const call of [test, test, test, otherInstance]) {
      await expect(call()).rejects.toMatchObject({ reason: 'current_rejected', withdrawn: false })
    }

    expect(bench.calls('InitiateAuth') - before).toBe(2)
    expect(await bench.user(Username)).toMatchObject({ enabled: true })
  })

  it.each(['disable', 'remove'] as const)(
    'fails after %s of the user in use, and offers no password',
    async (change) => {
      const bench = await rotated(1)
      await bench[change]((await bench.stored()).username)
      const before = bench.calls('InitiateAuth')

      await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'current_rejected' })

      expect(bench.calls('InitiateAuth')).toBe(before)
    },
  )

  it('fails where the client secret in use is gone, and offers it once', async () => {
    const bench = await rotatedBoth(1)
    const { scope_client_secret_id: ClientSecretId } = await bench.stored()
    await bench.cognito.send(new DeleteUserPoolClientSecretCommand({ ...bench.scopeClient, ClientSecretId }))
    const before = bench.calls('GetClientToken')

    await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'current_rejected' })

    expect(bench.calls('GetClientToken') - before).toBe(1)
  })

  it.each([
    ['under an empty version', 'pending_without_value'],
    ['with no version of its own', 'current_outdated'],
  ] as const)('before the first rotation, %s, says that there is nothing to try: %s', async (staging, reason) => {
    const bench = await rotated(0)

    await expect(configurationTest(bench, staging)()).rejects.toMatchObject({ reason })
  })

  it('after a deployment that accepts another mode says that its credentials are not made yet', async () => {
    const bench = await rotatedBoth(0)
    const passwordAlone = { ...bench.deps(), scopeClient: undefined }
    await bench.rotate({}, passwordAlone)

    await configurationTest(bench, 'under an empty version', passwordAlone)()
    await expect(configurationTest(bench)()).rejects.toMatchObject({ reason: 'current_outdated' })
  })

  it('is not what a version with a value is for: one that was withdrawn is refused', async () => {
    const bench = await rotated(1)
    const version = await bench.put(await bench.stored(), ['AWSPENDING'])
    await bench.deps().store.withdraw(version, { signal: new AbortController().signal })

    const refused = startInstance(bench, { version, labels: [] }).run('testSecret')

    await expect(refused).rejects.toMatchObject({ reason: 'version_unknown' })
  })

  it('is not taken for one where the function itself has stored the value that is not shown', async () => {
    const bench = await rotated(1)
    let isHidden = false
    const version = randomUUID()
    const { run } = startInstance(bench, { version, store: hiding(version, () => isHidden) })
    await run('createSecret')
    await run('setSecret')
    isHidden = true

    await expect(run('testSecret')).rejects.toMatchObject({ reason: 'pending_without_value' })
  })
})
