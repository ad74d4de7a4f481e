// Rotation step 4: makes the pending version the current one; it moves nothing else.
import { AwsCallError, failedWith } from '../rotation-error.ts'
import type { SecretState } from '../secret-store.ts'
import {
  lookUntil,
  readPending,
  visibilityMs,
  waiting,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'

/**
 * AWSPREVIOUS follows by itself, and with it the name of the user that is the other one from now on. AWSPENDING stays on
 * the version, as Secrets Manager has it: no other rotation is refused while it is on the current one.
 */
export async function finishSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  // Once more: a deployment may have come after the test, and what is current is what App1 uses.
  await readPending(deps, context)
  try {
    await moveCurrent(deps, context)
  } catch (error) {
    // The label may have moved all the same: an attempt of the SDK's whose answer was lost, and the next one refused.
    if (!(await isCurrent(error, deps, context))) throw error
  }
  return { outcome: 'current' }
}

/** The version was read a moment ago, so one that Secrets Manager does not find is one that it does not show yet. */
async function moveCurrent(deps: StepDeps, context: StepContext): Promise<void> {
  const { version: to, currentVersion: from } = context
  const move = async (): Promise<AwsCallError | undefined> => {
    try {
      await deps.store.makeCurrent({ from, to }, context)
      return undefined
    } catch (error) {
      if (error instanceof AwsCallError && failedWith(error, 'ResourceNotFoundException')) return error
      throw error
    }
  }
  const refusal = await lookUntil(move, (failure) => failure === undefined, waiting(deps, context), visibilityMs)
  if (refusal !== undefined) throw refusal
}

/** Of these Secrets Manager is sure: nothing has moved. Every other failure may hide a move that is not shown yet. */
const refusals = [
  'AccessDeniedException',
  'ThrottlingException',
  'ResourceNotFoundException',
  'InvalidRequestException',
]

async function isCurrent(error: unknown, deps: StepDeps, context: StepContext): Promise<boolean> {
  const { version, currentVersion } = context
  const has = ({ stages }: SecretState, id: string): boolean => stages[id]?.includes('AWSCURRENT') === true
  const isSettled = (state: SecretState): boolean => !has(state, currentVersion) || has(state, version)
  const waitMs = failedWith(error, ...refusals) ? 0 : visibilityMs
  const state = await lookUntil(() => deps.store.describe(context), isSettled, waiting(deps, context), waitMs)
  return has(state, version)
}
