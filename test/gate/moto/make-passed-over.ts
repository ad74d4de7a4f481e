// Makes what moto's CloudFormation passes over and the rest of the stack refers to, from the packaged template.
import { createAwsClients } from '#infra/local/aws-clients.ts'
import { createMaker } from '#infra/local/set-up/apply-templates.ts'
import { readPackagedTemplate } from '#infra/local/set-up/read-template.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { awsVariables, region } from './isolated-environment.ts'
import type { Made } from './packaged-template.ts'

const types = [
  ...['AWS::Cognito::UserPool', 'AWS::Cognito::UserPoolClient', 'AWS::Cognito::UserPoolDomain'],
  ...['AWS::Cognito::UserPoolGroup', 'AWS::Cognito::UserPoolResourceServer', 'AWS::SecretsManager::Secret'],
]

export function createClients(endpoint: string): Clients {
  return createAwsClients({ endpoint, region, environment: awsVariables(endpoint) })
}

/** By logical id. Rejects with a SetUpError, as `npm start` does. */
export async function makePassedOver(
  template: string,
  { clients, stackName }: { readonly clients: Clients; readonly stackName: string },
): Promise<Made> {
  const read = [...readPackagedTemplate(template, { types })].map(([logicalId, resource]) => {
    // The secret's key is made later, by the stack; moto keeps its id and encrypts nothing.
    const { KmsKeyId, ...properties } = resource.properties
    return [logicalId, KmsKeyId === undefined ? resource : { ...resource, properties }] as const
  })
  const resources = new Map(read)
  const make = createMaker({ ...clients, region, stackName, resources })
  const made = new Map<string, Awaited<ReturnType<typeof make>>>()
  for (const logicalId of resources.keys()) made.set(logicalId, await make(logicalId))
  return made
}
