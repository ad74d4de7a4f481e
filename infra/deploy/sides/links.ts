// What the deployment of App1 or App2 has to know of the other's, where each lives in an account of its own: a row a parameter.
import * as z from 'zod/mini'
import { machineSecretArn, userPoolId } from '#shared/aws/aws-variables.ts'
import { regionPattern } from '#shared/aws/aws-hosts.ts'
import { matching, parseSafeUrl } from '#shared/env.ts'
import { parseTokenEndpoint } from '#shared/machine/machine-auth.ts'
import { cipherVariables } from '#shared/password-cipher/cipher-choice.ts'
import { checksFunctions, hasRotation, type PairModes } from '../modes.ts'
import type { Side } from './owners.ts'

type Link = {
  /** The side that takes it; the other one's stack has it as this output. */
  readonly side: Exclude<Side, 'both'>
  readonly output: string
  readonly isNeeded: (chosen: PairModes) => boolean
  readonly good: string
  readonly takes: (text: string) => boolean
}

const always = (): boolean => true
const withJobs = ({ jobs }: PairModes): boolean => jobs
const roleOf = (name: string, isNeeded: Link['isNeeded'], output: string): Link => ({
  ...{ side: 'app2', output, isNeeded },
  good: `the ARN of the role of App1’s ${name}, or none`,
  // As CloudFormation names it: without a path, and without the comma that a list of roles is divided by.
  takes: orNone(matching(/arn:[\w-]+:iam::\d{12}:role\/[\w-]{1,64}/)),
})

const functionOf = (name: string, isNeeded: Link['isNeeded'], output: string): Link => ({
  ...{ side: 'app2', output, isNeeded: (chosen) => checksFunctions(chosen) && isNeeded(chosen) },
  good: `the ARN of App1’s function ${name}, or none`,
  takes: orNone(matching(new RegExp(`arn:[\\w-]+:lambda:${regionPattern.source}:\\d{12}:function:[\\w-]{1,64}`))),
})

export const links = {
  app2Url: {
    ...{ side: 'app1', output: 'App2Url', isNeeded: always },
    good: 'App2’s address, with https and the stage, or none',
    takes: orNone((text) => (parseSafeUrl(text)?.protocol === 'https:' ? text : undefined)),
  },
  app2UserPoolId: {
    ...{ side: 'app1', output: 'UserPoolId', isNeeded: always },
    good: 'the id of App2’s user pool, or none',
    takes: orNone(userPoolId.parse),
  },
  app2PasswordKeyArn: {
    ...{ side: 'app1', output: 'PasswordKeyArn', isNeeded: always },
    good: 'the ARN of App2’s key that seals passwords, or none',
    takes: orNone(cipherVariables.KMS_KEY_ARN.parse),
  },
  app2MachineSecretArn: {
    ...{ side: 'app1', output: 'MachineSecretArn', isNeeded: hasRotation },
    good: 'the full ARN of the secret with the machine’s credentials, or none',
    takes: orNone(machineSecretArn.parse),
  },
  app2MachineSecretKeyArn: {
    ...{ side: 'app1', output: 'MachineSecretKeyArn', isNeeded: hasRotation },
    good: 'the ARN of that secret’s key, or none',
    takes: orNone(cipherVariables.KMS_KEY_ARN.parse),
  },
  app2TokenEndpoint: {
    ...{ side: 'app1', output: 'TokenEndpoint', isNeeded: ({ accepted }) => accepted.includes('client-credentials') },
    good: 'the URL of the pool domain’s /oauth2/token, or none',
    takes: orNone(parseTokenEndpoint),
  },
  app2ApiArn: {
    ...{ side: 'app1', output: 'App2ApiArn', isNeeded: ({ accepted }) => accepted.includes('sigv4') },
    good: 'the ARN of App2’s API with its stage, or none',
    takes: orNone(matching(new RegExp(`arn:[\\w-]+:execute-api:${regionPattern.source}:\\d{12}:\\w+/[\\w-]+`))),
  },
  app1ProvisionerRole: roleOf('app1-provisioner', always, 'App1ProvisionerRoleArn'),
  app1JobsRole: roleOf('jobs', withJobs, 'JobsRoleArn'),
  app1JobWorkerRole: roleOf('job-worker', withJobs, 'JobWorkerRoleArn'),
  app1ProvisionerFunction: functionOf('app1-provisioner', always, 'App1ProvisionerFunctionArn'),
  app1JobsFunction: functionOf('jobs', withJobs, 'JobsFunctionArn'),
  app1JobWorkerFunction: functionOf('job-worker', withJobs, 'JobWorkerFunctionArn'),
} as const satisfies Readonly<Record<string, Link>>

export type LinkName = keyof typeof links

export const linkNames: readonly LinkName[] = Object.keys(links) as LinkName[]

/** Those that the side takes and its modes need. */
export function neededLinks(side: Side, chosen: PairModes): LinkName[] {
  return linkNames.filter((name) => {
    const link: Link = links[name]
    return link.side === side && link.isNeeded(chosen)
  })
}

/** The value of a link among the parameters; undefined for `none`. */
export function linkValue(values: Readonly<Record<string, unknown>>, name: LinkName): string | undefined {
  const value = values[name]
  return typeof value === 'string' && value !== 'none' ? value : undefined
}

/** Whether the side knows all that it needs of the other; which it knows in part is refused, see side-problem.ts. */
export function isLinked(side: Side, chosen: PairModes, values: Readonly<Record<string, unknown>>): boolean {
  return neededLinks(side, chosen).every((name) => linkValue(values, name) !== undefined)
}

const outputs = z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() }))

/** What the other side's deployment takes, as the stack of `side` says it: the lines of its file, `--param` and all. */
export function readyLines(side: Exclude<Side, 'both'>, stackOutputs: unknown): string[] {
  const values = new Map(outputs.parse(stackOutputs).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
  return linkNames.flatMap((name) => {
    const value = values.get(links[name].output)
    return links[name].side === side || value === undefined ? [] : [`--param ${name}=${value}`]
  })
}

function orNone(parse: (text: string) => unknown): Link['takes'] {
  return (text) => text === 'none' || parse(text) !== undefined
}
