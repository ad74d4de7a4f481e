// Says whether the parameters go together, with each other and with the Region; each by itself is parameters.ts's.
import { variables } from '#services/app1-provisioner/config.ts'
import { scopeModes, type MachineAuth } from '#shared/machine/machine-auth.ts'

/** Modes and the authorizer, as serverless.yml has them. */
export type Choice = {
  readonly machineAuth: string
  readonly machineAuthAlso: string
  readonly app2Authorizer: string
}

/** What is wrong with modes that are good by themselves, and what to type; undefined when they go together. */
export function choiceProblem(chosen: Choice): string | undefined {
  const accepted = acceptedModes(chosen)
  if (new Set(accepted).size < accepted.length) return 'machineAuthAlso names the same mode as machineAuth: use none.'
  if (accepted.length > 1 && accepted.includes('sigv4')) {
    return 'sigv4 goes with no second mode: the gate of a route either verifies signatures or asks an authorizer.'
  }
  if (accepted.length > 1 && accepted.every(isScopeMode)) {
    return 'client-credentials and client-token do not go together: they are two settings of one app client.'
  }
  if (chosen.app2Authorizer === 'cognito' && !accepted.every(isScopeMode)) {
    return 'app2Authorizer=cognito knows scopes alone: it goes with client-credentials or client-token, and no other mode.'
  }
  return undefined
}

export type Deployment = Choice & {
  readonly refuseIssuedBefore: string | undefined
  readonly stsIssuer: string
  readonly stsTokenPerRequest: string
  readonly stsFunctionCheck: string
  readonly allowedCallers: string
  readonly lifeCycle: string
  readonly passwordReaders: string
  readonly jobs: string
  readonly humanIdentity: string
  readonly humanIssuers: string
  readonly bulkShare: number
  readonly jobWorkers: number
  readonly creationsPerSecond: number
  readonly changesPerSecond: number
  readonly userPoolDeletionPolicy: string
  readonly userPoolDeletionProtection: string
  readonly region: string
  readonly side: string
  readonly stackName: string
}

/** The same for all of a deployment. */
export function deploymentProblem(chosen: Deployment): string | undefined {
  const govCloud = chosen.region.startsWith('us-gov-')
  if (chosen.app2Authorizer === 'cognito' && chosen.refuseIssuedBefore !== undefined) {
    return 'refuseIssuedBefore is for app2Authorizer=lambda: API Gateway’s own authorizer knows no such limit.'
  }
  if (!acceptedModes(chosen).includes('sts-token')) {
    const unused = [
      ...(chosen.stsIssuer === 'none' ? [] : ['stsIssuer']),
      ...(chosen.stsTokenPerRequest === 'on' ? ['stsTokenPerRequest'] : []),
      ...(chosen.stsFunctionCheck === 'on' ? ['stsFunctionCheck'] : []),
    ]
    if (unused.length > 0)
      return `${unused.join(' and ')} ${unused.length > 1 ? 'go' : 'goes'} with the mode sts-token alone.`
  } else if (govCloud) {
    return 'sts-token is not for GovCloud, where the names of its issuers are not documented: use sigv4, client-token or password.'
  } else if (chosen.stsIssuer === 'none' && chosen.side !== 'app1') {
    return (
      'sts-token needs stsIssuer, the issuer of App1’s account. With credentials of that account, enable it once, ' +
      '`aws iam enable-outbound-web-identity-federation`, and read it, ' +
      '`aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier --output text`.'
    )
  }
  if (acceptedModes(chosen).includes('client-credentials')) {
    if (govCloud) {
      return 'client-credentials is not for GovCloud, whose domains have another name: use client-token, password or sigv4.'
    }
    if (!isDomainPrefix(chosen.stackName)) {
      return (
        'client-credentials makes a domain that is named after the stack: the stage has to be of lower-case letters, ' +
        'digits and hyphens, and without the words aws, amazon and cognito.'
      )
    }
  }
  const arns = `arn:${govCloud ? 'aws-us-gov' : 'aws'}:`
  for (const [name, roles] of [
    ['allowedCallers', chosen.allowedCallers],
    ['passwordReaders', chosen.passwordReaders === 'none' ? '' : chosen.passwordReaders],
  ] as const) {
    if (roles !== '' && !roles.split(',').every((role) => role.startsWith(arns))) {
      return `${name} has to name roles of the Region’s own partition, which begin with ${arns}.`
    }
  }
  const callers = chosen.allowedCallers === '' ? [] : variables.ALLOWED_CALLERS.parse(chosen.allowedCallers)
  if (chosen.lifeCycle === 'off' && callers?.some(({ permissions }) => permissions.some((name) => name !== 'create'))) {
    return 'allowedCallers names permissions beside create, which go with lifeCycle=on: name the roles alone.'
  }
  if (chosen.lifeCycle === 'on' && chosen.creationsPerSecond + chosen.changesPerSecond > cognitoUpdatesPerSecond) {
    return (
      `creationsPerSecond and changesPerSecond are ${cognitoUpdatesPerSecond} together at most: Cognito counts both, for the ` +
      'whole account, and raises that for nobody. Lower one: creationsPerSecond=20 goes with changesPerSecond=5.'
    )
  }
  if (chosen.humanIdentity === 'verified' && chosen.humanIssuers === 'none') {
    return 'humanIdentity=verified needs humanIssuers: without one nobody could create anything.'
  }
  const rowsPerSecond = (chosen.bulkShare * chosen.creationsPerSecond) / chosen.jobWorkers
  if (chosen.jobs === 'on' && rowsPerSecond < leastRowsPerSecond) {
    return (
      `bulkShare × creationsPerSecond ÷ jobWorkers is ${leastRowsPerSecond} at least: a slower worker does not finish its ten rows ` +
      'before its time is over, and gives them back again and again. Raise bulkShare, or take fewer jobWorkers.'
    )
  }
  if (chosen.userPoolDeletionPolicy === 'Delete' && chosen.userPoolDeletionProtection === 'ACTIVE') {
    return (
      'userPoolDeletionPolicy=Delete goes with userPoolDeletionProtection=INACTIVE: Cognito does not delete a protected ' +
      'pool, and a removal would stop halfway.'
    )
  }
  return choiceProblem(chosen)
}

/** Its category UserUpdate. https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html */
const cognitoUpdatesPerSecond = 25

/** Of one worker, which takes ten rows and has a minute for them, the last of which is under way for up to 25 s. */
const leastRowsPerSecond = 0.25

function acceptedModes({ machineAuth, machineAuthAlso }: Choice): string[] {
  return [machineAuth, machineAuthAlso].filter((mode) => mode !== 'none')
}

/** With the account's id behind it. "Amazon Cognito prefix domains" in Cognito's developer guide. */
function isDomainPrefix(stackName: string): boolean {
  return /^[a-z0-9](-?[a-z0-9])*$/.test(stackName) && stackName.length <= 50 && !/aws|amazon|cognito/.test(stackName)
}

function isScopeMode(mode: string): mode is MachineAuth {
  return scopeModes.some((scopeMode) => scopeMode === mode)
}
