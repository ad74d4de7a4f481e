// Takes each event of Secrets Manager to its step, refuses what is no rotation of our secret, and leaves an audit line.
import * as z from 'zod/mini'
import type { LogFields } from '#shared/logger.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { AwsCallError, failureName, RotationError } from './rotation-error.ts'
import type { SecretState } from './secret-store.ts'
import { createSecret } from './steps/create-secret.ts'
import { finishSecret } from './steps/finish-secret.ts'
import {
  lookUntil,
  visibilityMs,
  waiting,
  withdraw,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './steps/rotation-step.ts'
import { setSecret } from './steps/set-secret.ts'
import { testSecret } from './steps/test-secret.ts'

/** In this order. Each may come again, and the whole run as well. */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const

export type RotationStep = (typeof rotationSteps)[number]

type RotationEvent = {
  readonly step: RotationStep
  readonly secretArn: string
  /** Secrets Manager's ClientRequestToken, which is the id of the version that this rotation makes. */
  readonly version: string
}

export type RotationHandler = (event: unknown, context: LambdaContext) => Promise<void>

type LambdaContext = { readonly awsRequestId?: string; getRemainingTimeInMillis(): number }

export type RotationDeps = StepDeps & { readonly secretArn: string; readonly now: () => number }

const steps: Readonly<Record<RotationStep, (deps: StepDeps, context: StepContext) => Promise<StepResult>>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
}

/** Kept free at the end, to log what failed before Lambda stops the function. */
const reserveMs = 500

/** What an instance of the function knows from earlier calls. A rotation needs none of it, and is surer with it. */
type Memory = { readonly begun: Set<string>; readonly rejected: Set<string> }

/**
 * Every step can be repeated, alone or with all before it, wherever the run was cut off. A version that is current
 * already is left alone by every step: its credentials are in use.
 *
 * Throws RotationError or AwsCallError, which Secrets Manager counts as a failed rotation. Neither holds a name, a
 * password or another system's words, since Lambda prints what is thrown.
 */
export function createRotationHandler(deps: RotationDeps): RotationHandler {
  const memory: Memory = { begun: new Set(), rejected: new Set() }
  return async (event, lambdaContext) => {
    const budgetMs = lambdaContext.getRemainingTimeInMillis() - reserveMs
    const { signal, remainingMs } = createDeadline({ now: deps.now, budgetMs })
    const time = { signal: signal(), remainingMs }
    const fields: Record<string, string | undefined> = { request_id: lambdaContext.awsRequestId }
    try {
      const { step, ...rotation } = parseRotationEvent(event)
      Object.assign(fields, { operation: step, secret_version: rotation.version })
      const result = await runStep(step, rotation, deps, { ...time, ...memory })
      deps.logger.info('machine credential rotation: step done', { ...fields, ...result })
    } catch (error) {
      deps.logger.error('machine credential rotation: step failed', { ...fields, ...failureFields(error) })
      throw error
    }
  }
}

const rotationEvent = z.object({
  Step: z.enum(rotationSteps),
  SecretId: z.string(),
  ClientRequestToken: z.string().check(z.regex(/^[\w-]{32,64}$/)),
})

/** Throws `event_malformed`. Members that it does not name, such as RotationToken, are ignored. */
function parseRotationEvent(event: unknown): RotationEvent {
  const parsed = z.safeParse(rotationEvent, event)
  if (!parsed.success) throw new RotationError('event_malformed')
  const { Step: step, SecretId: secretArn, ClientRequestToken: version } = parsed.data
  return { step, secretArn, version }
}

async function runStep(
  step: RotationStep,
  { secretArn, version }: Omit<RotationEvent, 'step'>,
  deps: RotationDeps,
  { begun, ...known }: Memory & Pick<StepContext, 'signal' | 'remainingMs'>,
): Promise<StepResult> {
  if (secretArn !== deps.secretArn) throw new RotationError('foreign_secret')
  const { rotationEnabled, stages } = await describeWithLabels(version, deps, known)
  if (!rotationEnabled) throw new RotationError('rotation_not_enabled')
  const labels = stages[version] ?? []
  if (labels.includes('AWSCURRENT')) return { outcome: 'already_current' }
  const isPending = labels.includes('AWSPENDING')
  const isBegun = begun.has(version)
  // Secrets Manager may test the configuration on a version that is not there; every other step has one.
  const mayBeTest = step === 'testSecret' && labels.length === 0 && !isBegun
  if (!isPending && !mayBeTest) throw new RotationError('version_unknown')
  const currentVersion = versionWith('AWSCURRENT', stages)
  if (currentVersion === undefined) throw new RotationError('secret_without_current')
  const previousVersion = versionWith('AWSPREVIOUS', stages)
  const context = { version, currentVersion, previousVersion, isPending, isBegun, ...known }
  if (labels.includes('AWSPREVIOUS')) return withdraw({ reason: 'version_was_current' }, deps, context)
  const result = await steps[step](deps, context)
  if (step === 'createSecret') begun.add(version)
  return result
}

/** Secrets Manager calls for a version that it has just labelled, and may not show the label at once. */
function describeWithLabels(
  version: string,
  deps: RotationDeps,
  known: Pick<StepContext, 'signal' | 'remainingMs'>,
): Promise<SecretState> {
  const isComplete = ({ rotationEnabled, stages }: SecretState): boolean =>
    !rotationEnabled || (stages[version] !== undefined && versionWith('AWSCURRENT', stages) !== undefined)
  return lookUntil(() => deps.store.describe(known), isComplete, waiting(deps, known), visibilityMs)
}

function versionWith(label: string, stages: SecretState['stages']): string | undefined {
  return Object.keys(stages).find((id) => stages[id]?.includes(label))
}

function failureFields(error: unknown): LogFields {
  if (error instanceof RotationError) {
    return { reason: error.reason, sub: error.sub, outcome: error.withdrawn ? 'withdrawn' : 'failed' }
  }
  const reason = error instanceof AwsCallError ? `${error.call}_failed` : 'defect'
  return { reason, error_name: failureName(error), outcome: 'failed' }
}
