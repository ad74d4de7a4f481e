// Rotation step 1: makes up the credentials of the next version, for each accepted mode, and stores them as AWSPENDING.
import { randomPassword } from '#shared/text/random-text.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { ClientSecrets } from '../client-secrets.ts'
import { newMachineName } from '../machine-users.ts'
import { failedWith, RotationError } from '../rotation-error.ts'
import {
  serializeStoredSecret,
  type ClientCredentials,
  type StoredSecret,
  type UserCredentials,
} from '../secret-store.ts'
import { assessFitness, findOtherName, reportLeftBehind } from './other-user.ts'
import {
  readCurrent,
  readWritten,
  type MachineUserDeps,
  type ScopeClientDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'

/**
 * Touches no user. A version that has a value already keeps it: a repeat goes on with the same name, password and client
 * secret. Credentials of a mode that is no longer accepted are not carried over.
 */
export async function createSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  if (await hasValue(deps, context)) return { outcome: 'repeated' }

  const current = await readCurrent(deps, context)
  const chosen = deps.machineUser && (await chooseUser(current, deps.machineUser, deps, context))
  // Last, so that little can go wrong between a secret that Cognito has and a version that names it.
  const added = deps.scopeClient && (await addClientSecret(current, deps.scopeClient, deps, context))
  if (added?.kind === 'repeated') return { outcome: 'repeated' }
  await deps.store.putPending(
    context.version,
    serializeStoredSecret({
      idempotencySecret: current.idempotencySecret,
      user: chosen?.credentials,
      client: added?.credentials,
    }),
    context,
  )
  return chosen?.result ?? { outcome: 'new_client_secret' }
}

/** One that is known to be stored is waited for: a second client secret could only be drawn in the place of the first. */
async function hasValue(deps: StepDeps, context: StepContext): Promise<boolean> {
  const wanted = { id: context.version }
  if (!context.isBegun) return (await deps.store.read(wanted, context)) !== undefined
  if ((await readWritten(wanted, deps, context)) === undefined) throw new RotationError('pending_without_value')
  return true
}

async function chooseUser(
  current: StoredSecret,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<{ readonly credentials: UserCredentials; readonly result: StepResult }> {
  const { name, ...result } = await chooseName(current, machineUser, deps, context)
  const client = await chooseClient(current, machineUser, context)
  return { credentials: { username: name, password: randomPassword(), ...client }, result }
}

async function chooseName(
  current: StoredSecret,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult & { readonly name: SecretValue }> {
  const other = await findOtherName(current, deps, context)
  if (other === undefined) return { name: newMachineName(), outcome: 'new_user' }
  const fitness = await assessFitness(other, machineUser, context)
  if (fitness.kind === 'fit') return { name: other, outcome: 'other_user', sub: fitness.sub }
  reportLeftBehind(fitness, deps.logger)
  return { name: newMachineName(), outcome: 'new_user' }
}

/** Carried over; read from Cognito on the first rotation, and when the app client is another one since a deployment. */
async function chooseClient(
  { user }: StoredSecret,
  { users, clientId }: MachineUserDeps,
  context: StepContext,
): Promise<Pick<UserCredentials, 'clientId' | 'clientSecret'>> {
  const clientSecret = user?.clientId === clientId ? user.clientSecret : await users.readClientSecret(context)
  return { clientId, clientSecret }
}

type Addition =
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
