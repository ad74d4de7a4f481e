// Every parameter of serverless.yml, and what it may be: what AWS or the functions would refuse is refused before anything is sent.
import { variables as app1Variables } from '#services/app1-provisioner/config.ts'
import { stsIssuer } from '#services/app2-accounts/authorizer/accepted-roles.ts'
import { refuseIssuedBefore } from '#services/app2-accounts/authorizer/config.ts'
import { isRegion } from '#shared/aws/aws-hosts.ts'
import { passwordReaders } from '#shared/aws/password-readers.ts'
import { humanIdentities, humanVariables, isPlain } from '#shared/human/human-issuers.ts'
import { wholeNumber as parseWholeNumber } from '#shared/env.ts'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { links } from './sides/links.ts'
import { sides } from './sides/owners.ts'

export type Parameter = {
  /** What comes after "has to be", in words for who types it. */
  readonly good: string
  /** `now` in epoch milliseconds. */
  readonly takes: (text: string, now: number) => boolean
}

/** How far ahead of this clock the one may be by which an operator took the instant of a cut-off. */
const clockSkewMs = 60_000

const mailbox: Parameter = {
  good: 'an e-mail address, or none',
  takes: (text) => text === 'none' || (text.length <= 254 && emailAddress.test(text)),
}

/** A name of RFC 5321 without quotes at a domain with a dot: SNS takes no other. */
const emailAddress =
  /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/i

/** An instance is kept back from the account's. None at all would stop the function, for which there is a command. */
const concurrency = wholeNumber({ from: 1, to: 10_000 })

/** Exactly those that serverless.yml and the templates read; a test compares the two. */
export const parameters = {
  // Cognito's floor, and the life of the refresh tokens (infra/templates/cognito.yml), which no other token may outlive.
  accessTokenMinutes: wholeNumber({ from: 5, to: 60 }),
  alarmEmail: mailbox,
  allowedCallers: {
    good:
      'the ARNs of IAM roles, separated by commas and without wildcards, each once and with its permissions if it has others ' +
      'than create: arn:aws:iam::123456789012:role/my-caller=create+read',
    // Nobody is named yet: that can be packaged, and is refused by the deployment. A path may hold nearly anything, so
    // two ARNs with another mark between them would read as one role.
    takes: (text) => text === '' || (app1Variables.ALLOWED_CALLERS.parse(text) !== undefined && !/[^,]arn:/.test(text)),
  },
  apiGatewayLogRole: oneOf('make', 'keep'),
  app2Authorizer: oneOf('lambda', 'cognito'),
  bulkShare: {
    good: 'a share from 0.05 to 1, with at most four decimals: 0.75',
    takes: (text) => parseShare(text) !== undefined,
  },
  // Cognito counts both, with creations, among 25 a second for the account; see choice-problem.ts.
  changesPerSecond: wholeNumber({ from: 1, to: 24 }),
  // One number is the rate and the burst, and an account has bursts of 5,000 at most.
  app2RequestsPerSecond: wholeNumber({ from: 1, to: 5_000 }),
  // For so long a permission that was taken away can go on being used, beyond the token's own end.
  authorizerTtlSeconds: wholeNumber({ from: 0, to: 60 }),
  createUserConcurrency: concurrency,
  // Cognito adds 25 users a second to groups, for the whole account, and no request raises that.
  creationsPerSecond: wholeNumber({ from: 1, to: 25 }),
  // What CloudWatch Logs knows.
  logRetentionDays: oneOf(
    ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731].map(String),
    ...[1096, 1827, 2192, 2557, 2922, 3288, 3653].map(String),
  ),
  humanIdentity: oneOf(...humanIdentities),
  humanIssuers: {
    good:
      '<issuer URL>#<claim>=<audience>, several audiences separated by + and several issuers by commas, each once and https; ' +
      'or none: https://idp.example.com#email=portal+cli',
    takes: (text) => {
      const issuers = text === 'none' ? [] : humanVariables.HUMAN_ISSUERS.parse(text)
      return issuers?.some(isPlain) === false
    },
  },
  // Two is the least that an event source takes.
  jobWorkers: wholeNumber({ from: 2, to: 20 }),
  jobs: oneOf('on', 'off'),
  deletionSurge: wholeNumber({ from: 1, to: 1_000_000 }),
  lifeCycle: oneOf('on', 'off'),
  machineAuth: oneOf(...machineAuthModes),
  machineAuthAlso: oneOf('none', ...machineAuthModes),
  passwordReaders: {
    good: 'the ARNs of IAM roles, separated by commas and without wildcards or blanks, each once; or none',
    takes: (text) =>
      text === 'none' || (!/\s/.test(text) && !/[^,]arn:/.test(text) && passwordReaders.parse(text) !== undefined),
  },
  refusalSurge: wholeNumber({ from: 1, to: 1_000_000 }),
  refuseIssuedBefore: {
    good:
      '<group or scope>=<UTC instant>, several separated by commas, and none in the future, which would lock out all ' +
      'of that group or scope: api-client=2026-11-21T12:00:00Z',
    takes: (text, now) => {
      const cutOffs = refuseIssuedBefore.parse(text)
      // The values are the ends of the seconds that were written.
      return cutOffs !== undefined && [...cutOffs.values()].every((end) => end - 1_000 <= now + clockSkewMs)
    },
  },
  sampleConcurrency: concurrency,
  securityEmail: mailbox,
  side: oneOf(...sides),
  stsFunctionCheck: oneOf('on', 'off'),
  stsIssuer: {
    good:
      'the issuer of App1’s account, https://<name>.tokens.sts.global.api.aws, as `aws iam ' +
      'get-outbound-web-identity-federation-info` has it; or none',
    takes: (text) => text === 'none' || stsIssuer.parse(text) !== undefined,
  },
  stsTokenPerRequest: oneOf('on', 'off'),
  tracing: oneOf('Active', 'PassThrough'),
  userPoolDeletionPolicy: oneOf('Delete', 'Retain'),
  userPoolDeletionProtection: oneOf('ACTIVE', 'INACTIVE'),
  ...links,
} as const satisfies Readonly<Record<string, Parameter>>

/** `--stage` and `--region`, which are no `--param`. How long a stage may be follows from the names that are made of it. */
export const options = {
  stage: {
    good: 'letters, digits and hyphens, with no name of a function or group in it',
    // What lifeCycle=off and jobs=off leave out is known by these names.
    takes: (text) =>
      /^[a-z\d-]+$/i.test(text) && !/job-worker|job-rows|check-users|manage-users|api-admin|-jobs$/.test(text),
  },
  region: {
    good: 'one of AWS’s Regions, in the partition aws or aws-us-gov: eu-west-1',
    takes: isRegion,
  },
} as const satisfies Readonly<Record<string, Parameter>>

function wholeNumber(range: { readonly from: number; readonly to: number }): Parameter {
  const parse = parseWholeNumber(range)
  return { good: `a whole number from ${range.from} to ${range.to}`, takes: (text) => parse(text) !== undefined }
}

/** As job-worker reads it. */
function parseShare(text: string): number | undefined {
  const share = Number(text)
  return /^(1|0\.\d{1,4})$/.test(text) && share >= 0.05 && share <= 1 ? share : undefined
}

function oneOf(...words: readonly string[]): Parameter {
  return {
    good: `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`,
    takes: (text) => words.includes(text),
  }
}
