// The provisioner's story: one request for a service user, from who asks to what App2 made of it.
import { checkPassword, createdUser, type CreatedUser } from '#shared/contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { Logger } from '#shared/logger.ts'
import type { PasswordSealer } from '#shared/password-cipher/cipher.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { passwordForApp2 } from './password-for-app2.ts'
import { refusedByPool, type App2Client } from './app2-client.ts'
import { beforeApp2, type Machine } from './machine/machine.ts'
import { makeProvisioningId, type CreationRequest } from './provisioning-id.ts'

export type ProvisionUserDeps = {
  readonly machine: Machine
  readonly sealer: PasswordSealer
  readonly app2: App2Client
}

export type ProvisionUserContext = {
  readonly requestId: string
  readonly deadline: Deadline
  readonly logger: Logger
  readonly timer: StepTimer
}

/** The token has been verified, and App2 verifies it again; of a job's row, what was sealed when it was. */
export type ProvisionRequest = CreationRequest & {
  readonly humanToken?: SecretValue | undefined
  readonly humanOfJob?: { readonly job_id: string; readonly human_evidence: string } | undefined
}

/** The user as App2 made it. Throws ServiceError; `outcome` is `none` for every failure before App2 was asked. */
export async function provisionUser(
  request: ProvisionRequest,
  deps: ProvisionUserDeps,
  { requestId, deadline, logger, timer }: ProvisionUserContext,
): Promise<CreatedUser> {
  const { username, humanUserId, humanToken, humanOfJob, password, requestedBy } = request
  if (password instanceof SecretValue) checkPassword(password.expose())

  const machine = await beforeApp2({ timer }, 'secret_ms', () => deps.machine.current(deadline))
  const provisioningId = makeProvisioningId(machine.idempotencySecret, request)

  const asked = {
    username,
    human_user_id: humanUserId,
    provisioning_id: provisioningId,
    requested_by: requestedBy,
    ...humanOfJob,
  }
  const boundTo = { purpose: 'latchkey:create-user', username, provisioningId } as const
  const user = await deps.app2.ask(
    '/admin/create-user',
    {
      makeBody: async () => ({ ...asked, ...(await passwordForApp2(password, boundTo, deps, { deadline, timer })) }),
      humanToken,
      status: 201,
      provisioningId,
      answer: createdUser,
      isAsked: (made) => made.username === username && made.provisioning_id === provisioningId,
      errors: { weak_password: refusedByPool },
    },
    { machine, requestId, deadline, timer },
  )

  logger.info('service user provisioned', { provisioning_id: provisioningId, outcome: 'created', ...timer.fields() })
  // App2's own sentence goes no further.
  return { ...user, message: 'Service user created', created_by: humanUserId }
}
