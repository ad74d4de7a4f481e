// Says whether the parameters of a side go together: nothing half known of the other, and nothing that only the other reads.
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { regionOfApi } from '#shared/aws/aws-hosts.ts'
import type { GivenParameters, Values } from '../given-parameters.ts'
import { modes, type PairModes } from '../modes.ts'
import type { parameters } from '../parameters.ts'
import { linkNames, links, linkValue, neededLinks, type LinkName } from './links.ts'
import type { Side } from './owners.ts'

type ParameterName = keyof typeof parameters

/** What only one of the two reads. In serverless.yml each may stand for both; on the command line it would do nothing. */
const readBy = {
  app1: ['allowedCallers', 'bulkShare', 'jobWorkers'],
  app2: [
    ...(['accessTokenMinutes', 'apiGatewayLogRole', 'app2Authorizer', 'app2RequestsPerSecond'] as const),
    ...(['authorizerTtlSeconds', 'changesPerSecond', 'createUserConcurrency', 'deletionSurge'] as const),
    ...(['refuseIssuedBefore', 'sampleConcurrency', 'stsIssuer'] as const),
    ...(['userPoolDeletionPolicy', 'userPoolDeletionProtection'] as const),
  ],
} as const satisfies Readonly<Record<Exclude<Side, 'both'>, readonly ParameterName[]>>

/** What is wrong, and what to do; undefined when nothing is. */
export function sideProblem(
  chosen: PairModes,
  values: Values,
  { typed, region }: Pick<GivenParameters, 'typed'> & { readonly region: string },
): string | undefined {
  const { side = 'both' } = chosen
  const known = linkNames.filter((name) => linkValue(values, name) !== undefined)
  if (side === 'both') {
    const [first] = known
    return first && `${first} goes with side=${links[first].side}: a stack of both knows itself.`
  }
  const other = side === 'app1' ? 'app2' : 'app1'
  const given = known.filter((name) => links[name].side === side)
  const typedNames = typed.map((text) => text.slice(0, text.indexOf('=')))
  const strayLines = known.filter((name) => links[name].side === other && typedNames.includes(name))
  const strays = [...strayLines, ...readBy[other].filter((name) => typedNames.includes(name))]
  if (strays.length > 0) {
    const [is, it] = strays.length > 1 ? ['are', 'them'] : ['is', 'it']
    return (
      `${strays.join(', ')} ${is} read by side=${other} alone: leave ${it} out for side=${side}.` +
      (strayLines.length > 0 ? ` The file ${other}.params has such lines; side=${side} takes ${side}.params.` : '')
    )
  }
  const needed = neededLinks(side, chosen)
  const missing = needed.filter((name) => !given.includes(name))
  if (given.length > 0 && missing.length > 0) {
    return (
      `side=${side} knows the other in part: ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing. Give all lines of the file ${side}.params that the ` +
      `deployment of side=${other} writes with the same modes, jobs and stage; or none of them.`
    )
  }
  const [unneeded] = given.filter((name) => !needed.includes(name))
  if (unneeded !== undefined) {
    return `${unneeded} goes with another machineAuth, machineAuthAlso or jobs than this: both sides need the same.`
  }
  return placesProblem(
    given.map((name) => [name, linkValue(values, name) ?? ''] as const),
    { chosen, region, side },
  )
}

/** One account and one Region for all that is the other's. A Region of its own goes where nothing is read or signed there. */
function placesProblem(
  given: readonly (readonly [LinkName, string])[],
  { chosen, region, side }: { readonly chosen: PairModes; readonly region: string; readonly side: Side },
): string | undefined {
  const accounts = new Set(given.flatMap(([, value]) => accountOf(value) ?? []))
  if (accounts.size > 1) return `${given.map(([name]) => name).join(', ')} name several accounts, and have to name one.`
  const partition = region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  const elsewhere = given.find(([, value]) => value.startsWith('arn:') && !value.startsWith(`arn:${partition}:`))
  if (elsewhere !== undefined) return `${elsewhere[0]} has to be in the Region’s own partition, ${partition}.`
  if (side === 'app2') return undefined
  const regions = new Set(given.flatMap(([, value]) => regionOf(value) ?? []))
  if (regions.size > 1) return `${given.map(([name]) => name).join(', ')} name several Regions, and have to name one.`
  const needsNone = chosen.accepted.every((mode) => modes[mode].opensBy === 'token' && !modes[mode].hasCredentials)
  const [app2Region = region] = regions
  if (needsNone || app2Region === region) return undefined
  return `App2 is in ${app2Region}, and with this machineAuth App1 has to be there too: give --region ${app2Region}.`
}

function accountOf(value: string): string | undefined {
  return parseRoleArn(value)?.accountId ?? (value.startsWith('arn:') ? value.split(':')[4] : undefined)
}

function regionOf(value: string): string | undefined {
  if (value.startsWith('arn:')) return value.split(':')[3]
  const host = URL.parse(value)?.hostname
  return host === undefined ? value.split('_')[0] : regionOfApi(host)
}
