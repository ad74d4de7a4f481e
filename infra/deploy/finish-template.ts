// Repairs what the Serverless Framework writes into the template by itself, and adds what no file of infra/ can know alone.
import { referencesIn } from './references.ts'

export type Resource = {
  readonly Type: string
  Properties?: Record<string, unknown>
  DependsOn?: string | string[]
  readonly Condition?: string
}

export type Template = {
  readonly Resources: Record<string, Resource>
  readonly Outputs?: Record<string, { readonly Value?: unknown }>
  readonly Conditions?: Record<string, unknown>
  Metadata?: Record<string, unknown>
}

/**
 * On return:
 * - the REST API's Deployment makes no stage of its own: the stage is a resource (rest-api.yml), so that its settings
 *   are the template's, and a stack that is rolled back leads it back to the deployment of before;
 * - the Deployment waits for the gateway responses, which else would be left out of what it deploys;
 * - of the types that there are dozens of, no more than a few are made at once;
 * - a rotation, which begins at once, waits for every policy of the rotation function's role, whichever the modes bring,
 *   and for every stage of an API: what is late is there by then, and a deployment that fails has rotated nothing;
 * - no resource says in DependsOn what its properties say already (cfn-lint's W3005).
 */
export function finishTemplate(template: Template): void {
  const { Resources: resources } = template
  const gatewayResponses = Object.keys(resources).filter(
    (logicalId) => resources[logicalId]?.Type === 'AWS::ApiGateway::GatewayResponse',
  )
  for (const type of manyOf) chain(resources, type)
  for (const resource of Object.values(resources)) {
    if (resource.Type === 'AWS::ApiGateway::Deployment') {
      delete resource.Properties?.['StageName']
      resource.DependsOn = [...dependsOn(resource), ...gatewayResponses]
    }
    if (resource.Type === 'AWS::SecretsManager::RotationSchedule') {
      resource.DependsOn = [...new Set([...dependsOn(resource), ...neededByRotation(resources)])]
    }
    const needed = dependsOn(resource).filter((logicalId) => !referencesIn(resource.Properties).includes(logicalId))
    if (needed.length > 0) resource.DependsOn = needed
    else delete resource.DependsOn
  }
}

/** CloudFormation begins with all of a type at once. A second, CloudWatch takes 3 PutMetricAlarm, its Logs 5 PutMetricFilter. */
const manyOf = ['AWS::Logs::MetricFilter', 'AWS::ApiGateway::GatewayResponse', 'AWS::CloudWatch::Alarm']

const madeAtOnce = 4

/** One that is there under a condition is left out: nothing may wait for it. */
function chain(resources: Template['Resources'], type: string): void {
  const logicalIds = Object.keys(resources).filter((logicalId) => {
    const resource = resources[logicalId]
    return resource?.Type === type && resource.Condition === undefined
  })
  for (const [index, logicalId] of logicalIds.entries()) {
    const [resource, before] = [resources[logicalId], logicalIds[index - madeAtOnce]]
    if (resource !== undefined && before !== undefined) resource.DependsOn = [...dependsOn(resource), before]
  }
}

const stages = ['AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage']

/** None that is there under a condition: nothing may wait for it. */
function neededByRotation(resources: Template['Resources']): string[] {
  return Object.entries(resources)
    .filter(([, { Type, Properties, Condition }]) => {
      if (Condition !== undefined) return false
      if (stages.includes(Type)) return true
      return (
        Type === 'AWS::IAM::Policy' && referencesIn(Properties?.['Roles']).includes('MachineCredentialRotationRole')
      )
    })
    .map(([logicalId]) => logicalId)
}

function dependsOn(resource: Resource): string[] {
  return [resource.DependsOn ?? []].flat()
}
