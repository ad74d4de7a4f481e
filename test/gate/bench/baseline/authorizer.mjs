// Stands for the authorizer that such a pair commonly has: jsonwebtoken and jwks-rsa, loaded from node_modules as installed.
import jsonwebtoken from 'jsonwebtoken'
import { JwksClient } from 'jwks-rsa'

const { ISSUER, JWKS_URI } = process.env
const jwks = new JwksClient({ jwksUri: JWKS_URI, cache: true })

export async function handler({ authorizationToken, methodArn }) {
  const token = authorizationToken.replace(/^Bearer /, '')
  const { header } = jsonwebtoken.decode(token, { complete: true })
  const key = await jwks.getSigningKey(header.kid)
  const claims = jsonwebtoken.verify(token, key.getPublicKey(), { algorithms: ['RS256'], issuer: ISSUER })
  const Effect = claims['cognito:groups'].includes('api-client') ? 'Allow' : 'Deny'
  console.log(`authorized ${claims.sub}: ${Effect}`)
  return {
    principalId: claims.sub,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: [methodArn] }],
    },
  }
}
