import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { isRegion, regionOfApi, regionOfEndpoint, serviceHost, tokenEndpointOf } from '#shared/aws/aws-hosts.ts'
import { issuerOf } from '#shared/aws/issuer.ts'

const root = join(import.meta.dirname, '../../../..')

/** The partition table by which the AWS SDK finds its endpoints. The package does not export it. */
const sdkTable = 'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js'
const { partitions } = z
  .object({
    partitions: z.array(
      z.object({
        id: z.string(),
        outputs: z.object({ dnsSuffix: z.string(), dualStackDnsSuffix: z.string() }),
        regions: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(root, sdkTable), 'utf8').replace(/^export const \w+ = |;\s*$/g, '')))
const regions = partitions.flatMap(({ id, outputs, regions }) =>
  Object.keys(regions)
    .filter((name) => !name.endsWith('-global'))
    .map((name) => ({ name, partition: id, ...outputs })),
)

describe('a Region', () => {
  it.each(regions)(
    '$name of the AWS SDK’s partition $partition is taken where the pair can run',
    ({ name, partition }) => {
      expect(isRegion(name)).toBe(['aws', 'aws-us-gov'].includes(partition))
    },
  )

  it.each([
    ...['', 'us-east', 'EU-WEST-1', 'moon-1', 'eu-west-1 ', 'eu-west-1x', 'eu-west-1_a', 'us-iso-east-1'],
    ...['aws-global'],
  ])('%o is none', (text) => {
    expect(isRegion(text)).toBe(false)
  })
})

describe('a host of AWS', () => {
  it.each(regions.filter(({ name }) => isRegion(name)))('in $name has the suffixes of the AWS SDK', (region) => {
    expect(serviceHost('kms', region.name)).toBe(`kms.${region.name}.${region.dnsSuffix}`)
    expect(regionOfEndpoint(`kms.${region.name}.${region.dualStackDnsSuffix}`, ['kms'])).toBe(region.name)
  })

  it.each(['eu-west-1', 'us-gov-west-1'])('that issues a pool’s tokens follows from its id, in %s', (region) => {
    expect(issuerOf(`${region}_AbC`)).toBe(`https://cognito-idp.${region}.amazonaws.com/${region}_AbC`)
  })

  it('that gives out tokens is the domain’s', () => {
    expect(tokenEndpointOf('latchkey-dev-123456789012', 'eu-west-1')).toBe(
      'https://latchkey-dev-123456789012.auth.eu-west-1.amazoncognito.com/oauth2/token',
    )
  })

  it.each(['abc.execute-api.eu-west-1.amazonaws.com', 'abc.execute-api.eu-west-1.api.aws'])(
    '%s is an API’s, and names its Region',
    (hostname) => {
      expect(regionOfApi(hostname)).toBe('eu-west-1')
    },
  )

  it.each([
    ...['execute-api.eu-west-1.amazonaws.com', 'a.b.execute-api.eu-west-1.amazonaws.com'],
    ...['abc.execute-api.eu-west-1.amazonaws.com.cn', 'abc.execute-api.moon-1.amazonaws.com'],
    ...['abc.kms.eu-west-1.amazonaws.com', 'abc.execute-api.eu-west-1.example.com', 'api.example.com', 'localhost'],
  ])('%s is no API’s', (hostname) => {
    expect(regionOfApi(hostname)).toBeUndefined()
  })
})
