// App2's authorizer behind serverless-offline, which names account and API by words that no ARN of AWS has: says it as
// AWS would, and turns the policy back. It changes nothing of what is decided.
const { handler: authorizer } = await import(process.env.BUNDLE)
const theirs = ':random-account-id:random-api-id/'
const ours = ':123456789012:offline/'

export const handler = async (event, context) => {
  const decision = await authorizer({ ...event, methodArn: event.methodArn.replace(theirs, ours) }, context)
  const { principalId, policyDocument } = JSON.parse(JSON.stringify(decision).replaceAll(ours, theirs))
  // serverless-offline writes over `scopes` and adds claims of its own: `app2-handler.mjs` takes this in their place.
  return { principalId, policyDocument, context: { decided: JSON.stringify(decision.context) } }
}
