// Rotation step 3: tries the pending credentials as App1 will; a password that is rejected ends the rotation.
import { isUnserved } from '../client-secrets.ts'
import { AwsCallError, failureName, RotationError } from '../rotation-error.ts'
import type { ClientCredentials, StoredSecret, UserCredentials } from '../secret-store.ts'
import {
  isThere,
  lookUntil,
  readCurrent,
  readPending,
  visibilityMs,
  waiting,
  withdraw,
  type MachineUserDeps,
  type ScopeClientDeps,
  type StepContext,
  type StepDeps,
  type StepResult,
} from './rotation-step.ts'

/** The credentials of every accepted mode have been taken once: the pending ones or, in a test of a configuration, those that serve. */
export async function testSecret(deps: StepDeps, context: StepContext): Promise<StepResult> {
  if (await isConfigurationTest(deps, context)) return testCurrent(deps, context)
  if (!context.isPending) throw new RotationError('version_unknown')
  const { user, client, isCurrent } = await readPending(deps, context)
  if (isCurrent) return { outcome: 'already_current' }
  const { machineUser, scopeClient } = deps
  if (scopeClient !== undefined && client !== undefined) await testPendingClient(client, scopeClient, deps, context)
  if (machineUser === undefined || user === undefined) return { outcome: 'token_issued' }
  return testUser(user, machineUser, deps, context)
}

/**
 * Where a secret's rotation is configured and does not begin at once (`rotate-secret --no-rotate-immediately`), Secrets
 * Manager runs this step alone, on a version that it makes up, without a value, and removes.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
async function isConfigurationTest(deps: StepDeps, context: StepContext): Promise<boolean> {
  if (context.isBegun) return false
  const read = () => deps.store.read({ id: context.version }, context)
  // Of a version that is pending, the value may have been stored a moment ago, by another instance of this function.
  const value = context.isPending ? await lookUntil(read, isThere, waiting(deps, context), visibilityMs) : await read()
  return value === undefined
}

/**
 * Five failed sign-ins lock a user out, and a repeat of this step would add to them. So a rejection ends the rotation:
 * the user is disabled, and the version loses AWSPENDING; each alone keeps the password from being tried again. Where
 * both fail, this instance of the function remembers the version; another instance would try once. A mark of its own
 * would be a third write to the two services that have just failed. A disabled user is not used again, so that one whom
 * somebody locks out does not stop rotations for good.
 */
async function testUser(
  credentials: UserCredentials,
  machineUser: MachineUserDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<StepResult> {
  const user = await machineUser.users.find(credentials.username, context)
  if (user === undefined) throw new RotationError('user_not_found')
  const { sub } = user
  if (!user.enabled) return withdraw({ reason: 'user_disabled', sub }, deps, context)
  const { rejected, version } = context
  if (rejected.has(version) || (await machineUser.signIn(credentials, context)) === 'rejected') {
    rejected.add(version)
    await disable(credentials, sub, machineUser, deps, context)
    return withdraw({ reason: 'password_rejected', sub }, deps, context)
  }
  return { outcome: 'signed_in', sub }
}

async function disable(
  { username }: UserCredentials,
  sub: string,
  { users }: MachineUserDeps,
  { logger }: StepDeps,
  context: StepContext,
): Promise<void> {
  try {
    await users.disable(username, context)
    logger.warn('machine user disabled: it does not accept its new password', { sub, outcome: 'disabled' })
  } catch (error) {
    logger.error('machine user not disabled', { sub, error_name: failureName(error) })
  }
}

/**
 * The pending secret has been taken once. Cognito drew it itself, so while it lists the secret, a refusal means that it
 * does not know it everywhere yet: no client is locked out, and the secret is offered again within the function's time.
 * After that Secrets Manager repeats the step. One that Cognito does not list is gone, which ends the rotation: the value
 * of the version cannot change, and the next one is given another secret.
 */
export async function testPendingClient(
  client: ClientCredentials,
  scopeClient: ScopeClientDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<void> {
  let isRefused = false
  const offer = async (): Promise<'taken' | 'refused' | 'gone'> => {
    if (isRefused && !(await isListed(client, scopeClient, deps, context))) return 'gone'
    isRefused = (await requestTokenOnceServed(client, scopeClient, deps, context)) === 'rejected'
    return isRefused ? 'refused' : 'taken'
  }
  const answer = await lookUntil(offer, (seen) => seen !== 'refused', waiting(deps, context))
  if (answer === 'refused') throw new RotationError('client_secret_not_known_yet')
  if (answer === 'gone') await withdraw({ reason: 'client_secret_rejected' }, deps, context)
}

async function isListed(
  { clientSecretId }: ClientCredentials,
  { secrets }: ScopeClientDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<boolean> {
  const look = async (): Promise<boolean> => (await secrets.list(context)).some(({ id }) => id === clientSecretId)
  return lookUntil(look, (listed) => listed, waiting(deps, context), visibilityMs)
}

/**
 * What Cognito says about the secret. A new domain takes a minute until its name resolves and its token endpoint
 * answers; nobody has judged the secret until then, and it is asked again within the function's time. Throws what
 * stood in the way last.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
 */
async function requestTokenOnceServed(
  client: ClientCredentials,
  { requestToken }: ScopeClientDeps,
  deps: StepDeps,
  context: StepContext,
): Promise<'issued' | 'rejected'> {
  const ask = async (): Promise<'issued' | 'rejected' | AwsCallError> => {
    try {
      return await requestToken(client, context)
    } catch (error) {
      if (isUnserved(error)) return error
      throw error
    }
  }
  const answer = await lookUntil(ask, (seen) => !(seen instanceof AwsCallError), waiting(deps, context))
  if (answer instanceof AwsCallError) throw answer
  return answer
}

/**
 * The current credentials of every accepted mode have been taken once. One that is refused is not offered again by this
 * instance of the function; nothing is written about it, so another instance offers it once. Its user is not disabled:
 * App1 uses it. Throws `current_rejected`, and `current_outdated` or, before the first rotation,
 * `pending_without_value`.
 */
async function testCurrent(deps: StepDeps, context: StepContext): Promise<StepResult> {
  const { machineUser, scopeClient } = deps
  const current = await readCurrent(deps, context)
  const { user, client } = current
  if (!isComplete(current, deps)) {
    const isFirst = user === undefined && client === undefined && context.isPending
    throw new RotationError(isFirst ? 'pending_without_value' : 'current_outdated')
  }
  if (context.rejected.has(context.currentVersion)) throw new RotationError('current_rejected')
  if (scopeClient !== undefined && client !== undefined) {
    const answer = await requestTokenOnceServed(client, scopeClient, deps, context)
    if (answer === 'rejected') refuse(context)
  }
  if (machineUser === undefined || user === undefined) return { outcome: 'current_token_issued' }
  return { outcome: 'current_signed_in', sub: await tryUser(user, machineUser, context) }
}

function isComplete({ user, client }: StoredSecret, { machineUser, scopeClient }: StepDeps): boolean {
  return (
    (machineUser === undefined || user?.clientId === machineUser.clientId) &&
    (scopeClient === undefined || client?.clientId === scopeClient.clientId)
  )
}

async function tryUser(
  credentials: UserCredentials,
  { users, signIn }: MachineUserDeps,
  context: StepContext,
): Promise<string> {
  const user = await users.find(credentials.username, context)
  if (user?.enabled !== true || (await signIn(credentials, context)) === 'rejected') return refuse(context, user?.sub)
  return user.sub
}

/** The value of a version cannot change: this instance will not offer it again, however often it is called. */
function refuse({ rejected, currentVersion }: StepContext, sub?: string): never {
  rejected.add(currentVersion)
  throw new RotationError('current_rejected', { sub })
}
