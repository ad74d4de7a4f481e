import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterEach, describe, expect, it } from 'vitest'
import { createAwsClients } from '#infra/local/aws-clients.ts'
import { app1AccountId, localRoles, otherAccountId } from '#infra/local/local-signers.ts'
import { toEnvironment } from '#infra/local/pair-credentials.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { post } from '../../support/in-process-pair.ts'
import { serviceUserRequest } from '../../support/requests.ts'

let pair: Pair
afterEach(() => pair.close())

const readAsApp1 = (): Promise<string> => {
  const environment = toEnvironment(pair.app2Signers?.provisioner ?? expect.fail())
  const { secrets } = createAwsClients({ endpoint: pair.awsUrl, region, environment })
  const command = new GetSecretValueCommand({ SecretId: pair.provisioned.machineSecretArn })
  return secrets.send(command).then(() => 'read', errorName)
}

describe('the pair in two accounts', () => {
  it.each(machineAuthModes)(
    'by %s creates a user, whose pool is of the account that App1 is not of',
    async (machineAuth) => {
      pair = await startPair({ machineAuth, twoAccounts: true })

      expect(await post(`${pair.app1Url}/create-service-user`, serviceUserRequest())).toMatchObject({ status: 201 })
      expect(pair.accounts).toEqual({ app1: app1AccountId, app2: otherAccountId })
      expect(pair.provisioned.passwordKeyArn).toContain(`:${otherAccountId}:`)
    },
  )

  it('reads the machine’s secret by the one statement that side=app2 deploys, and without it not at all', async () => {
    pair = await startPair({ twoAccounts: true })
    const { secrets } = pair.clients
    const SecretId = pair.provisioned.machineSecretArn

    const { ResourcePolicy = '' } = await secrets.send(new GetResourcePolicyCommand({ SecretId }))
    const withIt = await readAsApp1()
    await secrets.send(new DeleteResourcePolicyCommand({ SecretId }))

    expect(JSON.parse(ResourcePolicy)).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${app1AccountId}:root` },
          Action: 'secretsmanager:GetSecretValue',
          Condition: { StringEquals: { 'aws:PrincipalArn': localRoles.provisioner } },
        },
      ],
    })
    expect([withIt, await readAsApp1()]).toEqual(['read', 'AccessDeniedException'])
  })

  it('has no jobs, whose tables and queues know one account', async () => {
    await expect(startPair({ twoAccounts: true, jobs: true })).rejects.toThrow(RangeError)
  })
})
