// Rotation step 4: makes the pending version the current one; it moves nothing else.
import { readPending, type StepContext, type StepDeps, type StepResult } from './rotation-step.ts'

/** AWSPREVIOUS follows by itself, and with it the name of the user that is the other one from now on. */
export async function finishSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  // Once more: a deployment may have come after the test, and what is current is what App1 uses.
  await readPending(deps, context)
  const { store } = deps
  const { version, currentVersion } = context
  try {
    await store.makeCurrent({ from: currentVersion, to: version }, context)
  } catch (error) {
    // The label may have moved all the same: an attempt of the SDK's whose answer was lost, and the next one refused.
    const { stages } = await store.describe(context)
    if (stages[version]?.includes('AWSCURRENT') !== true) throw error
  }
  return { outcome: 'current' }
}
