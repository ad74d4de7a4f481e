// App1 behind serverless-offline: says of every request that one role signed it, as nothing there verifies signatures.
// What serverless-offline itself says of the caller, such as from a header of the request, is thrown away.
const { handler: app1 } = await import(process.env.BUNDLE)
const iam = { userArn: process.env.STAND_IN_CALLER }

export const handler = (event, context) =>
  app1({ ...event, requestContext: { ...event.requestContext, authorizer: { iam } } }, context)
