// Where the public keys of an issuer of AWS's are fetched: an endpoint moves that place, and never the issuer.
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

export const stsEndpoint: Variable<URL | undefined> = endpoint('AWS STS, before the general one')

type Endpoints = { readonly [Name in keyof typeof endpointVariables]: URL | undefined }

export function jwksUriOf(userPoolId: string, endpoints: Endpoints): string {
  const emulator = endpoints.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? endpoints.AWS_ENDPOINT_URL
  return jwksUri(issuerOf(userPoolId), emulator && { url: emulator, path: userPoolId })
}

/** The same of AWS STS, as an account's issuer. */
export function stsJwksUriOf(issuer: string, emulator: URL | undefined): string {
  return jwksUri(issuer, emulator && { url: emulator, path: new URL(issuer).host })
}

function jwksUri(issuer: string, emulator: { readonly url: URL; readonly path: string } | undefined): string {
  const base = emulator === undefined ? issuer : `${emulator.url.href.replace(/\/$/, '')}/${emulator.path}`
  return `${base}/.well-known/jwks.json`
}
