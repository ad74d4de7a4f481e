// Gives the scope client a new secret beside the one in use; it never removes the secret that the current version names.
import type { ClientSecrets } from './client-secrets.ts'
import { failedWith } from './rotation-error.ts'
import type { ScopeClientDeps, StepContext, StepDeps } from './steps/rotation-step.ts'
import type { ClientCredentials, StoredSecret } from './stored-secret.ts'

export type Addition =
  | { readonly kind: 'added'; readonly credentials: ClientCredentials }
  /** Another invocation of the step was faster: what it stored is what counts, and nothing was removed. */
  | { readonly kind: 'repeated'; readonly credentials?: never }

/**
 * A client has two secrets at most. The one that goes, where there are two, is the one of the version before the
 * current one, or one that an earlier attempt was given and could not store.
 */
export async function addClientSecret(
  current: StoredSecret,
  { clientId, secrets }: ScopeClientDeps,
  deps: Pick<StepDeps, 'store' | 'logger'>,
  context: StepContext,
): Promise<Addition> {
  const inUse = current.client?.clientId === clientId ? current.client.clientSecretId : undefined
  const add = async (): Promise<Addition> => {
    if ((await makeRoom(inUse, secrets, deps, context)) === 'taken') return { kind: 'repeated' }
    const { id, value } = await secrets.add(context)
    return { kind: 'added', credentials: { clientId, clientSecret: value, clientSecretId: id } }
  }
  try {
    return await add()
  } catch (error) {
    // Full, though there was room: the answer to an attempt of the SDK's was lost, and the next one was refused.
    if (!failedWith(error, 'LimitExceededException')) throw error
    return add()
  }
}

const mostSecrets = 2

async function makeRoom(
  inUse: string | undefined,
  secrets: ClientSecrets,
  { store, logger }: Pick<StepDeps, 'store' | 'logger'>,
  context: StepContext,
): Promise<'room' | 'taken'> {
  const existing = await secrets.list(context)
  if (existing.length < mostSecrets) return 'room'
  // Read after the list: a secret in it that another invocation has stored meanwhile is seen here, and stays.
  if ((await store.read({ id: context.version }, context)) !== undefined) return 'taken'
  const oldestFirst = existing.filter(({ id }) => id !== inUse).toSorted((a, b) => a.createdAt - b.createdAt)
  for (const { id } of oldestFirst.slice(0, 1)) {
    await secrets.remove(id, context)
    logger.info('client secret removed to make room for a new one', { outcome: 'client_secret_removed' })
  }
  return 'room'
}
