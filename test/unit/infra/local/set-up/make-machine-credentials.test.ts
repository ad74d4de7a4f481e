import { AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { localTokenEndpoint } from '../../../../../infra/emulators/aws/token-endpoint-handler.ts'
import { applyTemplates, type Provisioned, type TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { passwordProblems } from '#shared/password-policy.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { startTestAws, type TestAws } from '../../../../../infra/emulators/test/aws/test-aws.ts'

async function startProvisioned(choice?: TemplateChoice): Promise<TestAws & { readonly provisioned: Provisioned }> {
  const local = await startTestAws()
  const templatesFolder = new URL('../../../../../infra/templates/', import.meta.url)
  const tokenEndpointOf = (domain: string): string => localTokenEndpoint(local.aws.url, domain)
  const deps = { ...local, region: local.aws.region, templatesFolder, tokenEndpointOf, ...(choice && { choice }) }
  return { ...local, provisioned: await applyTemplates(deps) }
}

type Local = Awaited<ReturnType<typeof startProvisioned>>

async function stored({ secrets, provisioned }: Local): Promise<Record<string, string>> {
  const { SecretString = '' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: provisioned.machineSecretArn }),
  )
  return JSON.parse(SecretString) as Record<string, string>
}

describe('makeMachineCredentials', () => {
  it('with client-credentials leaves a client secret that the token endpoint has taken, and no user', async () => {
    const local = await startProvisioned({ accepted: ['client-credentials'], app2Authorizer: 'cognito' })

    await makeMachineCredentials(local)

    const { machineScopeClientId, serviceScopeClientId, machineClientId, tokenEndpoint } = local.provisioned
    expect(machineClientId).toBeUndefined()
    expect(serviceScopeClientId).not.toBe(machineScopeClientId)
    expect(tokenEndpoint).toMatch(/^http:.*\/oauth2\/token$/)
    expect(Object.keys(await stored(local))).toEqual([
      ...['scope_client_id', 'scope_client_secret', 'scope_client_secret_id', 'idempotency_secret'],
    ])
    expect(local.aws.calls.map(({ operation }) => operation)).toContain('TokenEndpoint')
  })

  it('leaves a current version whose user is CONFIRMED, and AWSPENDING on it', async () => {
    const local = await startProvisioned()
    const { idempotency_secret } = await stored(local)

    const logger = recordingLogger()
    const told: string[] = []

    await makeMachineCredentials({ ...local, logger, onStep: (text) => told.push(text) })

    expect(told).toEqual(['rotated MachineSecret: what it holds was tried, and works'])
    expect(logger.lines.map(({ operation }) => operation)).toEqual([
      ...['createSecret', 'setSecret', 'testSecret', 'finishSecret'],
    ])
    const secret = await stored(local)
    expect(secret).toMatchObject({ client_id: local.provisioned.machineClientId, idempotency_secret })
    expect(passwordProblems(secret['password'] ?? '')).toEqual([])
    const { machineSecretArn: SecretId, userPoolId: UserPoolId } = local.provisioned
    const { VersionIdsToStages } = await local.secrets.send(new DescribeSecretCommand({ SecretId }))
    expect(Object.values(VersionIdsToStages ?? {})).toEqual([['AWSPREVIOUS'], ['AWSPENDING', 'AWSCURRENT']])
    const user = await local.cognito.send(new AdminGetUserCommand({ UserPoolId, Username: secret['username'] }))
    expect(user.UserStatus).toBe('CONFIRMED')
  })

  it('names the call that failed; called again, it goes on with the same user', async () => {
    const local = await startProvisioned()
    local.aws.setFaults([{ operation: 'AdminAddUserToGroup', kind: 'throttled', when: 'before', calls: { nth: 1 } }])

    await expect(makeMachineCredentials(local)).rejects.toMatchObject({
      name: 'SetUpError',
      message: 'rotating the machine secret: AdminAddUserToGroup failed: TooManyRequestsException',
    })
    await makeMachineCredentials(local)

    const creations = local.aws.calls.filter(({ operation }) => operation === 'AdminCreateUser')
    expect(creations).toHaveLength(1)
  })

  it('names a failure of another kind, and repeats nothing of its message', async () => {
    const local = await startProvisioned()
    const broken = (): never => {
      throw new RangeError('canary')
    }
    const logger = { ...recordingLogger(), info: broken }

    const failure: unknown = await makeMachineCredentials({ ...local, logger }).catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'SetUpError', message: 'rotating the machine secret: RangeError' })
    expect(inspect(failure)).not.toContain('canary')
  })
})
