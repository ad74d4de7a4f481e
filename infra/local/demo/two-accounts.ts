// What two accounts change: where everything is, and who is let across; for a local AWS of one's own.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { errorName } from '#shared/aws/aws-errors.ts'
import { hasRotation } from '../../deploy/modes.ts'
import type { SigningCredential } from '../../emulators/gateway/signing-credential.ts'
import { createAwsClients } from '../aws-clients.ts'
import type { Pair } from '../pair.ts'
import { toEnvironment } from '../pair-credentials.ts'
import type { DemoStep } from './gated-routes.ts'

export function twoAccountSteps({ accounts, modes, provisioned, clients, app2Signers, awsUrl }: Pair): DemoStep[] {
  const { region, machineSecretArn, passwordKeyArn } = provisioned
  const owner = hasRotation(modes) ? accounts.app2 : accounts.app1
  const read = async ({ secrets }: Pick<Pair['clients'], 'secrets'>): Promise<string> =>
    secrets.send(new GetSecretValueCommand({ SecretId: machineSecretArn })).then(() => 'read', errorName)
  const readAs = (signer: SigningCredential): Promise<string> =>
    read(createAwsClients({ endpoint: awsUrl, region, environment: toEnvironment(signer) }))
  return [
    {
      text: `App1 is in the account ${accounts.app1}; pool and keys are in ${accounts.app2}, the machine’s secret in ${owner}`,
      run: () => {
        const [ofSecret, ofKey] = [machineSecretArn, passwordKeyArn].map((arn) => arn.split(':')[4])
        return Promise.resolve(ofSecret === owner && ofKey === accounts.app2 ? undefined : 'they are elsewhere')
      },
    },
    {
      text: 'App1’s role reads that secret, and no other role of the two accounts does',
      run: async () => {
        if (app2Signers === undefined) return 'there are no roles'
        const { provisioner, stranger, namesake } = app2Signers
        const others = hasRotation(modes) ? [] : [read(clients)]
        const seen = await Promise.all([readAs(provisioner), readAs(stranger), readAs(namesake), ...others])
        const [own, ...refused] = seen
        return own === 'read' && refused.every((each) => each === 'AccessDeniedException') ? undefined : seen.join(', ')
      },
    },
  ]
}
