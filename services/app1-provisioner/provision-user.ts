// The provisioner's story: one request for a service user, from who asks to what App2 made of it.
import { checkPassword, type CreatedUser } from '#shared/contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { ServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { PasswordSealer } from '#shared/password-cipher/cipher.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import type { App2Answer, App2Client } from './app2-client.ts'
import type { MachineIdentity, Proof } from './machine/machine-identity.ts'
import type { MachineSecretSource } from './machine/machine-secret.ts'
import { makeProvisioningId, type CreationRequest } from './provisioning-id.ts'

export type ProvisionUserDeps = {
  readonly secrets: MachineSecretSource<unknown>
  readonly identity: MachineIdentity
  readonly sealer: PasswordSealer
  readonly app2: App2Client
}

export type ProvisionUserContext = {
  readonly requestId: string
  readonly deadline: Deadline
  readonly logger: Logger
  readonly timer: StepTimer
}

/**
 * The user as App2 made it. Throws ServiceError; `outcome` is `none` for every failure before App2 was asked.
 *
 * The password is sealed anew for each attempt, so that no sealed password is ever sent twice.
 */
export async function provisionUser(
  request: CreationRequest,
  deps: ProvisionUserDeps,
  { requestId, deadline, logger, timer }: ProvisionUserContext,
): Promise<CreatedUser> {
  checkPassword(request.password.expose())
  const provisioningId = await beforeApp2(async () => {
    const { idempotencySecret } = await timer.time('secret_ms', () => deps.secrets.current(deadline))
    return makeProvisioningId(idempotencySecret, request)
  })

  const boundTo = { username: request.username, provisioningId }
  const ask = async (proof: Proof): Promise<App2Answer> => {
    const encryptedPassword = await beforeApp2(() =>
      timer.time('seal_ms', () => deps.sealer.seal(request.password, boundTo, { signal: deadline.signal() })),
    )
    const asking = {
      username: request.username,
      encrypted_password: encryptedPassword,
      human_user_id: request.humanUserId,
      provisioning_id: provisioningId,
      requested_by: request.requestedBy,
    }
    return timer.time('app2_ms', () => deps.app2.createUser(asking, { proof, deadline, requestId }))
  }

  const proof = await beforeApp2(() => timer.time('token_ms', () => deps.identity.prove(deadline)))
  let answer = await ask(proof)
  if (answer.kind === 'proof_refused') {
    answer = await ask(await beforeApp2(() => timer.time('token_ms', () => proof.renew(deadline))))
  }
  if (answer.kind === 'proof_refused') {
    throw new ServiceError('upstream_error', { reason: 'app2_refuses_our_token', outcome: 'none' })
  }
  logger.info('service user provisioned', { provisioning_id: provisioningId, outcome: 'created', ...timer.fields() })
  return answer.user
}

/** Nothing has been asked of App2 yet (or it refused to listen), so a failure here leaves nothing behind. */
async function beforeApp2<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw error instanceof ServiceError ? error.withOutcome('none') : error
  }
}
