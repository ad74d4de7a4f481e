// App2's functions behind serverless-offline: hands them what the authorizer decided, and nothing of what
// serverless-offline reads of the token by itself, without verifying it.
const { handler: app2 } = await import(process.env.BUNDLE)

export const handler = (event, context) => {
  // With this header serverless-offline takes the request's word for what the authorizer decided: that is nobody.
  const isForged = event.headers?.['sls-offline-authorizer-override'] !== undefined
  const { decided = '{}' } = (isForged ? undefined : event.requestContext.authorizer) ?? {}
  return app2({ ...event, requestContext: { ...event.requestContext, authorizer: JSON.parse(decided) } }, context)
}
