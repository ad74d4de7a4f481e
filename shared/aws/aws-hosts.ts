// The host names of AWS: made and taken apart here alone. Imports nothing, so that the authorizer can have it.

/**
 * Regions of the partitions `aws` and `aws-us-gov`, whose names have the same suffixes. In the others this pair does not
 * run: China has no user pools, and how the European Sovereign Cloud names their issuer is not documented. A test
 * compares the pattern and both suffixes with the partition table of the AWS SDK.
 */
export const regionPattern = /(?:(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d{1,2}|us-gov-[a-z]+-\d{1,2})/

const suffix = 'amazonaws.com'
const dualStackSuffix = 'api.aws'

/** Whether `text` is written as a Region that this pair can run in. */
export function isRegion(text: string): boolean {
  return new RegExp(`^${regionPattern.source}$`).test(text)
}

/** The name of a service's own endpoint: `kms`, `eu-west-1` → `kms.eu-west-1.amazonaws.com`. */
export function serviceHost(service: string, region: string): string {
  return `${service}.${region}.${suffix}`
}

/** Where the domain of a user pool gives out tokens; GovCloud has another name for it (`auth-fips`), and no such mode. */
export function tokenEndpointOf(domainPrefix: string, region: string): string {
  return `https://${domainPrefix}.auth.${region}.amazoncognito.com/oauth2/token`
}

/**
 * The Region of an endpoint of one of `services`, or undefined for any other name: FIPS, dual stack and VPC endpoints
 * count, but nothing else in front of the service, since whoever has a bucket or an API has a name under AWS's suffixes.
 */
export function regionOfEndpoint(hostname: string, services: readonly string[]): string | undefined {
  const service = `(?:${services.join('|')})(?:-fips)?`
  const region = `(?<region>${regionPattern.source})`
  const own = `${service}\\.${region}\\.(?:${escape(suffix)}|${escape(dualStackSuffix)})`
  const inVpc = `vpce-[a-z0-9-]+\\.${service}\\.${region}\\.vpce\\.${escape(suffix)}`
  return [own, inVpc].map((form) => new RegExp(`^${form}$`).exec(hostname)?.groups?.['region']).find(Boolean)
}

/** The Region in the name of an API of API Gateway, `<id>.execute-api.<region>.…`; undefined for any other name. */
export function regionOfApi(hostname: string): string | undefined {
  const [id = '', ...rest] = hostname.split('.')
  return /^[a-z0-9-]+$/.test(id) ? regionOfEndpoint(rest.join('.'), ['execute-api']) : undefined
}

function escape(name: string): string {
  return name.replaceAll('.', '\\.')
}
