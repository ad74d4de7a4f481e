// Does what Secrets Manager does when a secret is rotated, where nothing else would: it calls the function's four steps.
import { randomUUID } from 'node:crypto'
import { rotationSteps } from '#services/credential-rotation/rotation-handler.ts'
import type { RotationHandler } from '#services/credential-rotation/rotation-handler.ts'
import type { CallOptions, SecretState, SecretStore } from '#services/credential-rotation/secret-store.ts'

export type RotateSecretDeps = {
  readonly secretArn: string
  readonly store: SecretStore
  /** The rotation function on the store that it is given, as it is deployed. */
  readonly createFunction: (store: SecretStore) => RotationHandler
}

/** Lambda's own limit is fifteen minutes; a rotation takes a second here. */
const functionTimeoutMs = 60_000

/**
 * One rotation from end to end. A version that an earlier rotation left pending is taken up again under its token, as
 * Secrets Manager does; otherwise there is a new one. Rejects with what the function throws. The labels stay as the
 * function leaves them: at the end AWSPENDING is on the version that became AWSCURRENT, until the next rotation takes it.
 *
 * Secrets Manager stages an empty version under AWSPENDING before it calls the function, and says that rotation is
 * enabled. Emulators cannot be asked for that without a Lambda function of theirs, so the store says it for them.
 */
export async function rotateSecret({ secretArn, store, createFunction }: RotateSecretDeps): Promise<void> {
  const options: CallOptions = { signal: AbortSignal.timeout(functionTimeoutMs) }
  const leftover = unfinishedVersion(await store.describe(options))
  const version = leftover ?? randomUUID()
  const rotate = createFunction(whileRotating(store, { placeholder: leftover === undefined ? version : undefined }))
  for (const Step of rotationSteps) {
    await rotate(
      { Step, SecretId: secretArn, ClientRequestToken: version },
      { getRemainingTimeInMillis: () => functionTimeoutMs },
    )
  }
}

/** The version that is pending and not current. */
function unfinishedVersion({ stages }: SecretState): string | undefined {
  const [id] =
    Object.entries(stages).find(([, labels]) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT')) ?? []
  return id
}

/** `placeholder` is the version that has its label and waits for its value. */
function whileRotating(store: SecretStore, { placeholder }: { placeholder: string | undefined }): SecretStore {
  let waiting = placeholder
  return {
    ...store,
    describe: async (options) => {
      const { stages } = await store.describe(options)
      return { rotationEnabled: true, stages: waiting === undefined ? stages : withPending(stages, waiting) }
    },
    putPending: async (version, value, options) => {
      await store.putPending(version, value, options)
      waiting = undefined
    },
  }
}

/** A label is on one version at a time. */
function withPending(stages: SecretState['stages'], version: string): SecretState['stages'] {
  const others = Object.entries(stages).map(
    ([id, labels]) => [id, labels.filter((label) => label !== 'AWSPENDING')] as const,
  )
  return { ...Object.fromEntries<readonly string[]>(others), [version]: ['AWSPENDING'] }
}
