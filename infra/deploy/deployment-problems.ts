// Judges all that a deployment is given, before anything is sent: parameters, Region, stage, and the names made of them.
import { deploymentProblem } from './choice-problem.ts'
import { isParameter, readGivenParameters, type GivenParameters, type Values } from './given-parameters.ts'
import { chosenModes } from './mode-source.ts'
import { options, parameters, type Parameter } from './parameters.ts'
import { sideProblem } from './sides/side-problem.ts'

export type Given = GivenParameters & {
  readonly region: string
  readonly service: string
  readonly functionNames: readonly string[]
  /** Epoch milliseconds. */
  readonly now: number
}

/** Everything that is wrong, a sentence each, which never repeats a value; empty when it can be deployed. */
export function deploymentProblems(given: Given): string[] {
  const { values, problems } = readGivenParameters(given)
  const alone = [
    ...problems,
    ...Object.entries(values).flatMap(([name, value]) =>
      isParameter(name) ? valueProblems(name, value, { row: parameters[name], now: given.now }) : [],
    ),
    ...valueProblems('--stage', given.stage, { row: options.stage, now: given.now }),
    ...regionProblems(given),
    ...nameProblems(given),
  ]
  if (alone.length > 0) return alone
  const chosen = chosenModes(values)
  return [togetherProblem(values, given), ...(chosen === undefined ? [] : [sideProblem(chosen, values, given)])].filter(
    (problem) => problem !== undefined,
  )
}

function valueProblems(name: string, value: unknown, { row, now }: { row: Parameter; now: number }): string[] {
  // A number as serverless.yml has it, text as the command line does.
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  return text !== undefined && row.takes(text, now) ? [] : [`${name} has to be ${row.good}.`]
}

function regionProblems({ region, now }: Given): string[] {
  if (region.startsWith('cn-')) return ['--region is in China, where Cognito has no user pools.']
  if (/^(eusc|us-iso|eu-iso)/.test(region)) {
    return ['--region is in a partition where the names of Cognito’s issuer and domains are not documented.']
  }
  return valueProblems('--region', region, { row: options.region, now })
}

/** Lambda's limit is the tightest of all names that are made of the stage; a test over the template holds the others. */
function nameProblems({ functionNames, stage }: Given): string[] {
  const over = Math.max(...functionNames.map((name) => name.length)) - 64
  if (over <= 0) return []
  const longest = stage.length - over
  return [
    longest > 0
      ? `--stage has to be of ${longest} characters at most: functions are named after it, and Lambda takes 64.`
      : 'service and the functions’ names in serverless.yml are too long: Lambda takes 64 characters.',
  ]
}

function togetherProblem(values: Values, { region, service, stage }: Given): string | undefined {
  const texts = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]))
  const text = (name: keyof typeof parameters): string => texts.get(name) ?? ''
  return deploymentProblem({
    machineAuth: text('machineAuth'),
    machineAuthAlso: text('machineAuthAlso'),
    app2Authorizer: text('app2Authorizer'),
    refuseIssuedBefore: texts.get('refuseIssuedBefore'),
    stsIssuer: texts.get('stsIssuer') ?? 'none',
    stsTokenPerRequest: text('stsTokenPerRequest'),
    stsFunctionCheck: text('stsFunctionCheck'),
    allowedCallers: text('allowedCallers'),
    lifeCycle: text('lifeCycle'),
    passwordReaders: text('passwordReaders'),
    jobs: text('jobs'),
    humanIdentity: text('humanIdentity'),
    humanIssuers: text('humanIssuers'),
    bulkShare: Number(text('bulkShare')),
    jobWorkers: Number(text('jobWorkers')),
    creationsPerSecond: Number(text('creationsPerSecond')),
    changesPerSecond: Number(text('changesPerSecond')),
    userPoolDeletionPolicy: text('userPoolDeletionPolicy'),
    userPoolDeletionProtection: text('userPoolDeletionProtection'),
    region,
    side: text('side'),
    stackName: `${service}-${stage}${['app1', 'app2'].includes(text('side')) ? `-${text('side')}` : ''}`,
  })
}
