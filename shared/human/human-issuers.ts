// Which issuers' tokens may name the human behind a request, and whether one has to: read once from the environment.
import { endpointVariables, jwksUriOf } from '../aws/pool-keys.ts'
import { userPoolId } from '../aws/aws-variables.ts'
import { issuerOf } from '../aws/issuer.ts'
import {
  ConfigurationError,
  oneOf,
  parseSafeUrl,
  readEnvironment,
  runsInLambda,
  type Environment,
  type Variable,
} from '../env.ts'

/** `claimed`: a request may name its human by itself. `verified`: a token has to. */
export type HumanIdentity = 'claimed' | 'verified'

export const humanIdentities = ['claimed', 'verified'] as const satisfies readonly HumanIdentity[]

/** An issuer whose tokens name humans. */
export type HumanIssuer = {
  /** As `iss` has it, to the letter. */
  readonly issuer: string
  /** The claim that holds the `human_user_id`. */
  readonly claim: string
  /** For whom a token has to be: one of `aud`, or the `client_id` of a user pool's token. */
  readonly audiences: readonly string[]
  /** Of a Cognito user pool, its id; undefined of any other issuer. */
  readonly userPoolId: string | undefined
}

export type HumanConfig = {
  readonly identity: HumanIdentity
  /** At least one. Where a pool's keys are follows from its id; other issuers say it themselves. */
  readonly issuers: readonly (HumanIssuer & { readonly jwksUri: string | undefined })[]
}

export const humanVariables: {
  readonly HUMAN_IDENTITY: Variable<HumanIdentity | undefined>
  readonly HUMAN_ISSUERS: Variable<readonly HumanIssuer[]>
} = {
  HUMAN_IDENTITY: {
    description:
      'Whether a creation needs a token of its human: `verified`, or `claimed`: `human_user_id` is taken on the caller’s word ' +
      'where no token comes with it. Needed with `HUMAN_ISSUERS`.',
    parse: oneOf(...humanIdentities),
    fallback: undefined,
  },
  HUMAN_ISSUERS: {
    description:
      'Whose tokens name humans, as `<issuer URL>#<claim>=<audience>+<audience>`, separated by commas. Absent: no such token ' +
      'is taken.',
    parse: parseHumanIssuers,
    fallback: [],
  },
}

/**
 * Undefined where no issuer is configured. Throws ConfigurationError for `verified` without one, for one without either word (it
 * could be `verified` that was lost), for plain http in Lambda, and for the pair's own pool, whose users are programs.
 */
export function readHumanConfig(environment: Environment): HumanConfig | undefined {
  const values = readEnvironment(environment, { ...humanVariables, ...endpointVariables, USER_POOL_ID: userPoolId })
  const { HUMAN_IDENTITY: identity, HUMAN_ISSUERS: issuers } = values
  const problems = [
    ...(identity === undefined && issuers.length > 0 ? ['HUMAN_IDENTITY is missing'] : []),
    ...(identity === 'verified' && issuers.length === 0
      ? ['HUMAN_IDENTITY is verified, but HUMAN_ISSUERS is missing']
      : []),
    ...(runsInLambda(environment) && issuers.some(isPlain) ? ['HUMAN_ISSUERS must be https in Lambda'] : []),
    ...(issuers.some(({ issuer }) => issuer === issuerOf(values.USER_POOL_ID))
      ? ['HUMAN_ISSUERS names this pair’s own user pool, whose users are no humans']
      : []),
  ]
  if (problems.length > 0) throw new ConfigurationError(problems)
  if (identity === undefined || issuers.length === 0) return undefined
  return {
    identity,
    issuers: issuers.map((issuer) => ({
      ...issuer,
      jwksUri: issuer.userPoolId === undefined ? undefined : jwksUriOf(issuer.userPoolId, values),
    })),
  }
}

/** Whether what is fetched from it could be another's. */
export function isPlain({ issuer }: HumanIssuer): boolean {
  return !issuer.startsWith('https:')
}

const longestIssuer = 256

const entryForm = /^(?<issuer>[^#=]+)#(?<claim>[\w:./-]{1,128})=(?<audiences>[\w:./@~+-]+)$/
const audienceForm = /^[\w:./@~-]{1,256}$/

/** Each issuer once, and each of its audiences: of two entries, nobody knows which one is meant. */
function parseHumanIssuers(text: string): readonly HumanIssuer[] | undefined {
  const issuers = text.split(',').map(parseHumanIssuer)
  if (!issuers.every((issuer) => issuer !== undefined)) return undefined
  return isDistinct(issuers.map(({ issuer }) => issuer)) ? issuers : undefined
}

function parseHumanIssuer(entry: string): HumanIssuer | undefined {
  const { issuer = '', claim = '', audiences: joined = '' } = entryForm.exec(entry)?.groups ?? {}
  const audiences = joined.split('+')
  if (!audiences.every((audience) => audienceForm.test(audience)) || !isDistinct(audiences)) return undefined
  return isIssuer(issuer) ? { issuer, claim, audiences, userPoolId: userPoolIdOf(issuer) } : undefined
}

/** In its one spelling: `iss` is compared to the letter, and another spelling would never be met. */
function isIssuer(text: string): boolean {
  const url = text.length <= longestIssuer ? parseSafeUrl(text) : undefined
  // AWS STS signs for roles: App1's own token would be a human's.
  if (url === undefined || url.hostname.endsWith('.tokens.sts.global.api.aws')) return false
  return url.href === text || url.href === `${text}/`
}

/** A pool's issuer has no other form, see issuer.ts. */
function userPoolIdOf(issuer: string): string | undefined {
  const id = userPoolId.parse(issuer.slice(issuer.lastIndexOf('/') + 1))
  return id !== undefined && issuerOf(id) === issuer ? id : undefined
}

function isDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length
}
