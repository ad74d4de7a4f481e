// App1 as a client of App2: the port, with a bearer token or the role's signature behind it. Which one it is, the use
// case never learns.
import { createHash } from 'node:crypto'
import type { Scope } from '#shared/access-rules.ts'
import { mapAwsError } from '#shared/aws/aws-errors.ts'
import { signRequest, type Signing } from '#shared/client/sign-request.ts'
import { rethrowUndone, ServiceError, type ErrorCode } from '#shared/errors.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepField } from '#shared/time/step-timer.ts'
import { codeOf, type App2Answer, type App2Call, type App2Request, type SendToApp2 } from '../app2-transport.ts'
import type { MachineSecret, MachineSecretSource } from './machine-secret.ts'
import type { MachineTokenSource } from './machine-token.ts'

/** A request to App2 that carries no credential yet. `makeBody` is called for each attempt. */
export type UnauthenticatedRequest = Omit<App2Request, 'body'> & {
  readonly makeBody: () => Promise<Uint8Array>
  /** What a token needs to open the route. */
  readonly scope: Scope
  /** Of a creation: what a token of its own is bound to, together with the body, where the mode has such. */
  readonly provisioningId?: string | undefined
}

export type Machine = {
  /** The machine as its secret has it now. Throws ServiceError. */
  current(deadline: Deadline): Promise<CurrentMachine>
}

export type CurrentMachine = {
  readonly idempotencySecret: SecretValue
  /**
   * App2's answer to the request with a credential. Throws `upstream_error` with `outcome: none` when App2 refuses the
   * credential for good; ServiceError when there is none to be had, or on the way.
   */
  send(request: UnauthenticatedRequest, call: App2Call): Promise<App2Answer>
}

/**
 * What `step` gives; its time is added to `field`. Nothing has been asked of App2 yet (or it refused to listen), so a
 * failure left nothing behind, and says so.
 */
export async function beforeApp2<T>(
  { timer }: Pick<App2Call, 'timer'>,
  field: StepField,
  step: () => Promise<T>,
): Promise<T> {
  return timer.time(field, step).catch(rethrowUndone)
}

/** App2's own refusals of what is asked, or in whose name: they say nothing of the machine's credential. */
const refusalsOfRequests: readonly (string | undefined)[] = [
  'reader_not_allowed',
  'human_token_missing',
  'human_token_invalid',
  'human_mismatch',
] satisfies ErrorCode[]

function isOfTheRequest(answer: App2Answer): boolean {
  return refusalsOfRequests.includes(codeOf(answer))
}

type BearerDeps<Credentials> = {
  readonly secrets: MachineSecretSource<Credentials>
  /** A token for the one scope, where the mode's tokens have scopes: a stolen one can do no more than its purpose. */
  readonly tokensFor: (scope: Scope) => MachineTokenSource<Credentials>
  /** Whether each creation has a token of its own. */
  readonly bindsCreations?: boolean
  readonly send: SendToApp2
}

/**
 * Each request carries an access token of the machine's own (RFC 6750, section 2.1). API Gateway answers 401 to one that
 * has expired or was revoked: then another one is tried, once.
 */
export function createBearerMachine<Credentials>(deps: BearerDeps<Credentials>): Machine {
  return {
    async current(deadline) {
      const secret = await deps.secrets.current(deadline)
      return {
        idempotencySecret: secret.idempotencySecret,
        send: (request, call) => sendWithToken(deps, secret, { request, call }),
      }
    },
  }
}

async function sendWithToken<Credentials>(
  { tokensFor, bindsCreations = false, send }: BearerDeps<Credentials>,
  secret: MachineSecret<Credentials>,
  { request, call }: { readonly request: UnauthenticatedRequest; readonly call: App2Call },
): Promise<App2Answer> {
  const tokens = tokensFor(request.scope)
  const { provisioningId } = request
  const sendWith = async (token: SecretValue, body: Uint8Array): Promise<App2Answer> =>
    send({ url: request.url, headers: { ...request.headers, authorization: `Bearer ${token.expose()}` }, body }, call)
  /** The answer, with the token that it is about. */
  const attempt = async (getToken: () => Promise<SecretValue>) => {
    if (bindsCreations && provisioningId !== undefined) {
      const body = await request.makeBody()
      const binding = { bodySha256: digestOf(body), provisioningId }
      const token = await beforeApp2(call, 'token_ms', () => tokens.issueFor(binding, secret, call.deadline))
      return { token, answer: await sendWith(token, body) }
    }
    const token = await beforeApp2(call, 'token_ms', getToken)
    return { token, answer: await sendWith(token, await request.makeBody()) }
  }
  const first = await attempt(() => tokens.get(secret, call.deadline))
  if (first.answer.status !== 401 || isOfTheRequest(first.answer)) return first.answer
  const last = await attempt(() => tokens.replace(first.token, secret, call.deadline))
  if (last.answer.status !== 401 || isOfTheRequest(last.answer)) return last.answer
  throw new ServiceError('upstream_error', { reason: 'app2_refuses_our_token', outcome: 'none' })
}

function digestOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url')
}

type SignatureDeps = {
  readonly secrets: MachineSecretSource<unknown>
  /** As the configuration of an SDK client has them: what App1 signs its calls of AWS with serves for App2 as well. */
  readonly signing: Signing
  readonly send: SendToApp2
  readonly now: () => number
}

/**
 * Each request is signed with the credentials of App1's role.
 *
 * A signature is good for five minutes around its date, so a clock that is further off has every request refused. It is
 * not corrected by App2's clock: in Lambda, AWS keeps it. There is no other signature to be had after a refusal, since
 * each request has its own already.
 */
export function createSignatureMachine(deps: SignatureDeps): Machine {
  const { credentials, region } = deps.signing
  const sign = async (request: App2Request): Promise<App2Request> => {
    try {
      const headers = await signRequest({ method: 'POST', ...request }, { credentials, region, now: deps.now })
      return { ...request, headers }
    } catch (error) {
      throw mapAwsError(error)
    }
  }
  return {
    async current(deadline) {
      const { idempotencySecret } = await deps.secrets.current(deadline)
      return {
        idempotencySecret,
        async send({ url, headers, makeBody }, call) {
          const body = await makeBody()
          const signed = await beforeApp2(call, 'token_ms', () => sign({ url, headers, body }))
          const answer = await deps.send(signed, call)
          if (answer.status !== 403 || isOfTheRequest(answer)) return answer
          throw new ServiceError('upstream_error', { reason: 'app2_refuses_our_signature', outcome: 'none' })
        },
      }
    },
  }
}
