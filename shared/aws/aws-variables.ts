// The variables that several functions read, each described once.
import { regionPattern } from './aws-hosts.ts'
import { matching, oneOf, type Variable } from '../env.ts'
import { machineAuthModes, type MachineAuth } from '../machine/machine-auth.ts'
import { parseRoleArn, type RoleArn } from './role-arn.ts'

export const awsRegion: Variable<string> = {
  description: 'AWS Region, for example `eu-west-1`. Lambda sets it.',
  parse: matching(regionPattern),
}

/** Cognito's own pattern for a pool id; the part before the underscore is the Region. */
export const userPoolId: Variable<string> = {
  description: 'Id of the Cognito user pool, `<region>_<id>`.',
  parse: matching(new RegExp(`${regionPattern.source}_[0-9A-Za-z]{1,55}`)),
}

export const appClientId = (whose: string): Variable<string> => ({
  description: `Id of the app client that ${whose} sign in through.`,
  parse: matching(/\w{1,128}/),
})

/** Each mode once. An empty list, or a word that is no mode, is refused: neither can be what somebody meant. */
export const machineAuthAccepted: Variable<readonly MachineAuth[]> = {
  description:
    'The authentication modes that App2 accepts, separated by commas: `password`, `client-credentials`, ' +
    '`client-token`, `sigv4`, `sts-token`. `password` if absent. Two, while a team moves from one to the other.',
  parse: (text) => {
    const modes = text.split(',').map((word) => machineAuthModes.find((mode) => mode === word))
    const known = modes.filter((mode) => mode !== undefined)
    return known.length === modes.length && new Set(known).size === modes.length ? known : undefined
  },
  fallback: ['password'],
}

/** Which of these must be there depends on the modes: a client of a mode that is not in use must not be accepted. */
export const machineClientId: Variable<string | undefined> = {
  ...appClientId('machine users'),
  description: 'Id of the app client that machine users sign in through. Needed for `password`.',
  fallback: undefined,
}

export const machineScopeClientId: Variable<string | undefined> = {
  ...appClientId('App1'),
  description:
    'Id of the app client by which App1 gets tokens of its own. Needed for `client-credentials` and `client-token`.',
  fallback: undefined,
}

export const serviceScopeClientId: Variable<string | undefined> = {
  ...appClientId('a service'),
  description:
    'Id of an app client whose own tokens may call `/sample`. Optional, and for `client-credentials` and ' +
    '`client-token` alone.',
  fallback: undefined,
}

/** Which of App1's roles: of the functions of App2, those that may call the one; of the authorizer, all of them. */
export const provisionerRoleArns: Variable<readonly RoleArn[] | undefined> = {
  description:
    'ARNs of those roles of App1 that may call this function, or what it guards, separated by commas, or `none`. No other may. ' +
    'Needed for `sigv4` and `sts-token`.',
  parse: parseRoles,
  fallback: undefined,
}

/** Undefined where one of them is no role. `none` is not known yet, and nobody: see docs/deploy.md on two accounts. */
function parseRoles(text: string): readonly RoleArn[] | undefined {
  if (text === 'none') return []
  const roles = text.split(',').map(parseRoleArn)
  return roles.every((role) => role !== undefined) ? roles : undefined
}

export const stsTokenPerRequest: Variable<'on' | 'off'> = {
  description:
    '`on`: with `sts-token`, each creation has a token of its own, bound to its body and its provisioning id, and create-user takes ' +
    'no other of a role. `off` if absent; create-user wants it said where it takes tokens of roles.',
  parse: oneOf('on', 'off'),
  fallback: 'off',
}

/** The whole ARN, with its six random characters at the end: a shorter one could name another secret. */
export const machineSecretArn: Variable<string> = {
  description: 'Full ARN of the Secrets Manager secret with the machine’s credentials.',
  parse: matching(new RegExp(`arn:[\\w-]+:secretsmanager:${regionPattern.source}:\\d{12}:secret:[\\w/+=.@!-]+`)),
}
