import { sendOnce } from '#shared/aws/send-once.ts'
import { CreateUserPoolClientCommand, DescribeUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { createAwsCredentials } from '#services/credential-rotation/aws-credentials.ts'
import { rotationSteps, type RotationStep } from '#services/credential-rotation/rotation-event.ts'
import { both, rotateWith, storedClient, tokenBy } from './client-secret-bench.ts'
import { startRotationBench, type RotationBench } from './rotation-bench.ts'

describe('a mode', () => {
  it('that is added is in the next version, beside the credentials that serve', async () => {
    const bench = await startRotationBench({}, both)
    const { scopeClient, ...passwordAlone } = bench.deps()
    expect(scopeClient).toBeDefined()
    await rotateWith(bench, () => passwordAlone)
    const before = await bench.stored()

    await bench.rotate()

    expect(before).not.toHaveProperty('scope_client_id')
    const current = await bench.stored()
    expect(await bench.signIn(current)).toBe('signed_in')
    expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
    expect(current.idempotency_secret).toBe(before.idempotency_secret)
  })

  it('that is no longer accepted has no fields in the next version', async () => {
    const bench = await startRotationBench({}, both)
    await bench.rotate()
    const { machineUser, ...clientAlone } = bench.deps()
    expect(machineUser).toBeDefined()

    await rotateWith(bench, () => clientAlone)

    expect(Object.keys(await bench.stored())).toEqual([
      'scope_client_id',
      'scope_client_secret',
      'scope_client_secret_id',
      'idempotency_secret',
    ])
  })

  it('that is accepted while a rotation runs has the pending version withdrawn', async () => {
    const bench = await startRotationBench({}, both)
    const { scopeClient, ...passwordAlone } = bench.deps()
    expect(scopeClient).toBeDefined()
    bench.aws.setFaults([{ operation: 'AdminAddUserToGroup', kind: 'throttled', when: 'before', calls: { nth: 1 } }])
    await rotateWith(bench, () => passwordAlone).catch(() => undefined)

    await expect(bench.rotate()).rejects.toMatchObject({ reason: 'pending_outdated', withdrawn: true })
  })

  it.each(['setSecret', 'testSecret', 'finishSecret'] as const)(
    'that is closed before %s has the pending version withdrawn, and the next one is without it',
    async (closedBefore) => {
      const bench = await startRotationBench({}, both)
      await bench.rotate()
      const serving = await bench.stored()
      const { machineUser, ...clientAlone } = bench.deps()
      expect(machineUser).toBeDefined()
      const isClosed = (step: RotationStep): boolean =>
        rotationSteps.indexOf(step) >= rotationSteps.indexOf(closedBefore)

      const failed = rotateWith(bench, (step) => (isClosed(step) ? clientAlone : bench.deps()))

      await expect(failed).rejects.toMatchObject({ reason: 'pending_outdated', withdrawn: true })
      expect(await bench.stored()).toEqual(serving)
      await rotateWith(bench, () => clientAlone)
      expect(await bench.stored()).not.toHaveProperty('username')
      expect(await tokenBy(bench, await storedClient(bench))).toBe('issued')
    },
  )
})

describe('an app client that a deployment replaces while a version is pending', () => {
  it.each(['password', 'client-token', 'client-credentials'] as const)(
    'with %s stops no later rotation: the version is withdrawn, the next one is for the new client',
    async (mode) => {
      const bench = await startRotationBench({}, { accepted: [mode], app2Authorizer: 'lambda' })
      await bench.rotate()
      const interrupted = bench.rotate({ before: { setSecret: () => Promise.reject(new Error('interrupted')) } })
      await expect(interrupted).rejects.toThrow('interrupted')
      const replaced = await replaceClient(bench)

      await expect(replaced.rotate()).rejects.toMatchObject({ reason: 'pending_outdated', withdrawn: true })

      await replaced.rotate()
      const current = await bench.stored()
      const named = mode === 'password' ? current.client_id : (await storedClient(bench)).scope_client_id
      expect(named).toBe(replaced.clientId)
      const proof = mode === 'password' ? bench.signInWith(current) : tokenBy(bench, await storedClient(bench))
      expect(await proof).toBe(mode === 'password' ? 'signed_in' : 'issued')
    },
  )
})

/** Another client with the settings of the bench's one, and the rotation by a function that is told of it. */
async function replaceClient(
  bench: RotationBench,
): Promise<{ readonly clientId: string; readonly rotate: () => Promise<void> }> {
  const { cognito, logger, provisioned } = bench
  const { userPoolId: UserPoolId, machineClientId, machineScopeClientId, tokenEndpoint } = provisioned
  const { UserPoolClient: old } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId, ClientId: machineClientId ?? machineScopeClientId }),
  )
  const { UserPoolClient: made } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'replaced',
      GenerateSecret: true,
      ExplicitAuthFlows: old?.ExplicitAuthFlows,
      AllowedOAuthFlowsUserPoolClient: old?.AllowedOAuthFlowsUserPoolClient,
      AllowedOAuthFlows: old?.AllowedOAuthFlows,
      AllowedOAuthScopes: old?.AllowedOAuthScopes,
    }),
  )
  const clientId = made?.ClientId ?? ''
  const credentials = createAwsCredentials({
    cognito,
    unrepeatedCognito: cognito,
    send: sendOnce,
    logger,
    userPoolId: UserPoolId,
    tokenEndpoint: tokenEndpoint === undefined ? undefined : new URL(tokenEndpoint),
    ...(machineClientId === undefined ? { machineScopeClientId: clientId } : { machineClientId: clientId }),
  })
  return { clientId, rotate: () => rotateWith(bench, () => ({ ...bench.deps(), ...credentials })) }
}
