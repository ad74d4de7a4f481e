// Mends what the Serverless Framework writes into the template by itself; it changes no resource of infra/*.yml.

export type Resource = {
  readonly Type: string
  Properties?: Record<string, unknown>
  DependsOn?: string | string[]
}

export type Template = { readonly Resources: Record<string, Resource> }

/**
 * On return:
 * - the REST API's Deployment makes no stage of its own: the stage is a resource (rest-api.yml), so that its settings
 *   are the template's, and a stack that is rolled back leads it back to the deployment of before;
 * - the Deployment waits for the gateway responses, which else would be left out of what it deploys;
 * - no resource says in DependsOn what its properties say already (cfn-lint's W3005).
 */
export function finishTemplate(template: Template): void {
  const { Resources: resources } = template
  const gatewayResponses = Object.keys(resources).filter(
    (logicalId) => resources[logicalId]?.Type === 'AWS::ApiGateway::GatewayResponse',
  )
  for (const resource of Object.values(resources)) {
    if (resource.Type === 'AWS::ApiGateway::Deployment') {
      delete resource.Properties?.['StageName']
      resource.DependsOn = [...dependsOn(resource), ...gatewayResponses]
    }
    const needed = dependsOn(resource).filter((logicalId) => !refersTo(resource.Properties, logicalId))
    if (needed.length > 0) resource.DependsOn = needed
    else delete resource.DependsOn
  }
}

function dependsOn(resource: Resource): string[] {
  return [resource.DependsOn ?? []].flat()
}

/** Whether `logicalId` stands in a Ref, a Fn::GetAtt or a Fn::Sub, at any depth. */
function refersTo(node: unknown, logicalId: string): boolean {
  if (Array.isArray(node)) return node.some((item) => refersTo(item, logicalId))
  if (typeof node !== 'object' || node === null) return false
  return Object.entries(node).some(([key, value]: [string, unknown]) => {
    if (key === 'Ref') return value === logicalId
    if (key === 'Fn::GetAtt') return [value].flat()[0] === logicalId || String(value).startsWith(`${logicalId}.`)
    if (key === 'Fn::Sub' && String([value].flat()[0]).match(`\\$\\{${logicalId}[.}]`)) return true
    return refersTo(value, logicalId)
  })
}
