// A password that nobody chooses and nobody sees on its way, step by step: its one reader signs in with what lies in the secret.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { errorName } from '#shared/aws/aws-errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { SigningCredential } from '../../emulators/gateway/signing-credential.ts'
import { createAwsClients } from '../aws-clients.ts'
import { localRoles } from '../local-signers.ts'
import type { Pair } from '../pair.ts'
import { toEnvironment } from '../pair-credentials.ts'
import { signIn } from '../sign-in.ts'
import { differenceOf, post, type Answer, type DemoStep } from './gated-routes.ts'
import type { HumanHeaders } from './human.ts'

export function generatedPasswordSteps(pair: Pair, headers: HumanHeaders): DemoStep[] {
  const { readers, provisioned, clients } = pair
  let secretArn = ''
  const createFor = async (role: string, expected: Answer): Promise<string | undefined> => {
    const asked = { username: 'demo-generated', human_user_id: 'demo@example.com' }
    const body = JSON.stringify({ ...asked, password: { generate: { deliver_to: role } } })
    const answer = await post(new URL(`${pair.app1Url}/create-service-user`), body, headers)
    secretArn = answer.secret_arn ?? secretArn
    return differenceOf(expected, answer)
  }
  const read = async ({ secrets }: Pair['clients']): Promise<string> =>
    (await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))).SecretString ?? ''
  return [
    {
      text: 'a password that nobody sees: App1 has it made for its reader’s role (201)',
      run: () => createFor(localRoles.worker, { status: 201, code: undefined }),
    },
    {
      text: 'for a role that is not on the list it is refused (403)',
      run: () => createFor(localRoles.stranger, { status: 403, code: 'reader_not_allowed' }),
    },
    // Elsewhere nobody here has the reader's credentials.
    ...(readers === undefined ? [] : readingSteps(readers)),
  ]

  function readingSteps({ worker, stranger }: NonNullable<Pair['readers']>): DemoStep[] {
    return [
      {
        text: 'its reader signs in with what lies in the secret',
        run: async () => {
          const text = await read(clientsOf(worker, pair))
          const { username = '', password = '' } = JSON.parse(text) as Record<string, string>
          const { userPoolId, serviceClientId: clientId } = provisioned
          await signIn(clients.cognito, { userPoolId, clientId, username, password: new SecretValue(password) })
          return undefined
        },
      },
      {
        text: 'another role, and App2’s own, cannot read it',
        run: async () => {
          const others = [clientsOf(stranger, pair), clients]
          const refusals = await Promise.all(others.map((other) => read(other).then(() => 'it was read', errorName)))
          return refusals.find((refusal) => refusal !== 'AccessDeniedException')
        },
      },
    ]
  }
}

function clientsOf(reader: SigningCredential, { awsUrl, provisioned: { region } }: Pair): Pair['clients'] {
  return createAwsClients({ endpoint: awsUrl, region, environment: toEnvironment(reader) })
}
