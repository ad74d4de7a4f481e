// The pair in two accounts, App1's and App2's, as far as local AWS tells them apart: secrets, user pools and the issuers of STS. Keys,
// tables and queues have no account there, and no key policy is asked.
import { readFile } from 'node:fs/promises'
import { PutResourcePolicyCommand } from '@aws-sdk/client-secrets-manager'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import type { Template } from '../deploy/finish-template.ts'
import { hasRotation, type PairModes } from '../deploy/modes.ts'
import { links, neededLinks } from '../deploy/sides/links.ts'
import { reduceToSide } from '../deploy/sides/reduce-template.ts'
import type { PrincipalOption } from '../emulators/aws/principal.ts'
import { createAwsClients, type ClientOptions } from './aws-clients.ts'
import { app1AccountId, localRoles } from './local-signers.ts'
import type { Clients } from './set-up/resource-type.ts'

/** Whoever sets App1's account up. */
const app1Operator = { AWS_ACCESS_KEY_ID: 'local-app1', AWS_SECRET_ACCESS_KEY: 'local' } as const

export const app1OperatorPrincipal: readonly [accessKeyId: string, principal: PrincipalOption] = [
  app1Operator.AWS_ACCESS_KEY_ID,
  `arn:aws:iam::${app1AccountId}:root`,
]

/** With what the machine secret is made: App1's account has it, unless credentials are in it, which App2 rotates. */
export function secretsOfMachine(modes: PairModes, clients: Clients, where: ClientOptions): Clients['secrets'] {
  return hasRotation(modes) ? clients.secrets : createAwsClients({ ...where, environment: app1Operator }).secrets
}

/**
 * Opens a machine secret that App2's account has to App1's role, by the statement that a deployment with `side=app2` has. The one that
 * denies everybody else is left out: whoever runs the pair looks into the secret.
 */
export async function openMachineSecret(
  { secrets }: Pick<Clients, 'secrets'>,
  modes: PairModes,
  machineSecretArn: string,
): Promise<void> {
  if (!hasRotation(modes)) return
  const policy = { Version: '2012-10-17', Statement: await openingStatements(modes) }
  await secrets.send(
    new PutResourcePolicyCommand({
      SecretId: machineSecretArn,
      ResourcePolicy: JSON.stringify(policy),
      BlockPublicPolicy: true,
    }),
  )
}

const policyId = 'MachineSecretPolicy'

const policyOf = <Principal extends z.ZodMiniType>(principal: Principal) =>
  z.object({
    ResourcePolicy: z.object({ Statement: z.array(z.looseObject({ Sid: z.string(), Principal: principal })) }),
  })

/** A tag of CloudFormation's reads as the text behind it. */
const rotationTemplate = z.object({
  Resources: z.object({
    [policyId]: z.object({ Properties: policyOf(z.union([z.literal('*'), z.object({ AWS: z.array(z.string()) })])) }),
  }),
})

/** As they stand in the stack of App2, which was told the role of App1. */
async function openingStatements(modes: PairModes): Promise<object[]> {
  const text = await readFile(new URL('../templates/rotation.yml', import.meta.url), 'utf8')
  const { Resources } = rotationTemplate.parse(parse(text, { logLevel: 'error' }))
  const statements = Resources[policyId].Properties.ResourcePolicy.Statement.flatMap(({ Principal, ...rest }) =>
    rest.Sid === 'OtherAccountReads' && Principal !== '*'
      ? [{ ...rest, Principal: { AWS: Principal.AWS.map((attribute) => ({ 'Fn::GetAtt': attribute.split('.') })) } }]
      : [],
  )
  const chosen: PairModes = { ...modes, side: 'app2', jobs: false, stsFunctionCheck: false }
  const [role, ...others] = neededLinks('app2', chosen)
  if (role === undefined || others.length > 0) throw new Error('App2 is told one role of App1, and nothing else')
  const template: Template = {
    Resources: {
      [policyId]: {
        Type: 'AWS::SecretsManager::ResourcePolicy',
        Properties: { ResourcePolicy: { Statement: statements } },
      },
    },
    Outputs: { [links[role].output]: { Value: { 'Fn::GetAtt': ['App1ProvisionerRole', 'Arn'] } } },
  }
  reduceToSide(template, chosen, { [role]: localRoles.provisioner })
  return policyOf(z.unknown()).parse(template.Resources[policyId]?.Properties).ResourcePolicy.Statement
}
