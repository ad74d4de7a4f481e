// Says what a deployment changes for the whole account, beyond the stack.
import * as z from 'zod/mini'

const packaged = z.object({
  Resources: z.object({ ApiGatewayAccount: z.optional(z.unknown()) }),
  Mappings: z.object({ Parameters: z.object({ Given: z.object({ apiGatewayLogRole: z.string() }) }) }),
})

/** What to know before `template` (JSON text) is deployed; undefined where it changes nothing outside of its stack. */
export function accountNotice(template: string): string | undefined {
  const { Resources, Mappings } = packaged.parse(JSON.parse(template))
  if (Resources.ApiGatewayAccount === undefined || Mappings.Parameters.Given.apiGatewayLogRole !== 'make')
    return undefined
  return (
    'apiGatewayLogRole=make: this deployment sets the role by which API Gateway writes the logs of every REST API of ' +
    'this account and Region, in place of one that is set already. Where `aws apigateway get-account` shows a ' +
    'cloudwatchRoleArn that is not this stack’s, deploy with --param apiGatewayLogRole=keep instead.'
  )
}
