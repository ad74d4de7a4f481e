// Tries a secret of the scope client as App1 will; one that Cognito refused is offered again only while Cognito lists it.
import { lookUntil, visibilityMs } from './patience.ts'
import { AwsCallError, RotationError } from './rotation-error.ts'
import { waiting, withdraw, type ScopeClientDeps, type StepContext, type StepDeps } from './steps/rotation-step.ts'
import type { ClientCredentials } from './stored-secret.ts'
import { isUnserved } from './trial-token.ts'

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
export async function requestTokenOnceServed(
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
