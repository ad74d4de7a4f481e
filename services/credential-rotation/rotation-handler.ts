// Takes each event of Secrets Manager to its step, refuses what is no rotation of our secret, and leaves an audit line.
import { createDeadline } from '#shared/time/deadline.ts'
import type { LogFields } from '#shared/logger.ts'
import { createSecret } from './steps/create-secret.ts'
import { finishSecret } from './steps/finish-secret.ts'
import { AwsCallError, failureName, RotationError } from './rotation-error.ts'
import { parseRotationEvent, type RotationEvent, type RotationStep } from './rotation-event.ts'
import type { StepContext, StepDeps, StepResult } from './steps/rotation-step.ts'
import type { CallOptions } from './secret-store.ts'
import { setSecret } from './steps/set-secret.ts'
import { testSecret } from './steps/test-secret.ts'

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

/**
 * Every step can be repeated, alone or with all before it, wherever the run was cut off. A version that is current
 * already is left alone by every step: its credentials are in use.
 *
 * Throws RotationError or AwsCallError, which Secrets Manager counts as a failed rotation. Neither holds a name, a
 * password or another system's words, since Lambda prints what is thrown.
 */
export function createRotationHandler(deps: RotationDeps): RotationHandler {
  return async (event, lambdaContext) => {
    const budgetMs = lambdaContext.getRemainingTimeInMillis() - reserveMs
    const signal = createDeadline({ now: deps.now, budgetMs }).signal()
    const fields: Record<string, string | undefined> = { request_id: lambdaContext.awsRequestId }
    try {
      const { step, ...rotation } = parseRotationEvent(event)
      Object.assign(fields, { operation: step, secret_version: rotation.version })
      const result = await runStep(steps[step], rotation, deps, { signal })
      deps.logger.info('machine credential rotation: step done', { ...fields, ...result })
    } catch (error) {
      deps.logger.error('machine credential rotation: step failed', { ...fields, ...failureFields(error) })
      throw error
    }
  }
}

async function runStep(
  step: (typeof steps)[RotationStep],
  { secretArn, version }: Omit<RotationEvent, 'step'>,
  deps: RotationDeps,
  { signal }: CallOptions,
): Promise<StepResult> {
  if (secretArn !== deps.secretArn) throw new RotationError('foreign_secret')
  const { rotationEnabled, stages } = await deps.store.describe({ signal })
  if (!rotationEnabled) throw new RotationError('rotation_not_enabled')
  const labels = stages[version] ?? []
  if (labels.includes('AWSCURRENT')) return { outcome: 'already_current' }
  if (!labels.includes('AWSPENDING')) throw new RotationError('version_unknown')
  const currentVersion = Object.keys(stages).find((id) => stages[id]?.includes('AWSCURRENT'))
  if (currentVersion === undefined) throw new RotationError('secret_without_current')
  return step(deps, { version, currentVersion, signal })
}

function failureFields(error: unknown): LogFields {
  if (error instanceof RotationError) {
    return { reason: error.reason, sub: error.sub, outcome: error.withdrawn ? 'withdrawn' : 'failed' }
  }
  const reason = error instanceof AwsCallError ? `${error.call}_failed` : 'defect'
  return { reason, error_name: failureName(error), outcome: 'failed' }
}
