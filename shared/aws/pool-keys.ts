// Where the public keys of a user pool are fetched: an endpoint moves that place, and never the issuer.
import type { Variable } from '../env.ts'
import { issuerOf } from './issuer.ts'

const endpoint = (whose: string): Variable<URL | undefined> => ({
  description: `Endpoint in place of ${whose}; a loopback address, or one of AWS’s own for it. Optional.`,
  parse: (text) => URL.parse(text) ?? undefined,
  fallback: undefined,
})

export const endpointVariables = {
  AWS_ENDPOINT_URL: endpoint('every AWS service'),
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoint('Cognito, before the general one'),
}

type Endpoints = { readonly [Name in keyof typeof endpointVariables]: URL | undefined }

export function jwksUriOf(userPoolId: string, endpoints: Endpoints): string {
  const emulator = endpoints.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? endpoints.AWS_ENDPOINT_URL
  const base = emulator === undefined ? issuerOf(userPoolId) : `${emulator.href.replace(/\/$/, '')}/${userPoolId}`
  return `${base}/.well-known/jwks.json`
}
