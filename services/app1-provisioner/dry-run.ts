// What a creation would do, without one: their ids are made as for the real call, and App2 looks who has the names. Neither app
// writes anything.
import { checkPassword } from '#shared/contract.ts'
import { isErrorCode } from '#shared/errors.ts'
import { checkedUsers, type DryCreation, type Forecast } from '#shared/job-contract.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { AskCall } from './app2-client.ts'
import { beforeApp2 } from './machine/machine.ts'
import type { ProvisionUserContext, ProvisionUserDeps } from './provision-user.ts'
import { makeProvisioningId, type CreationRequest } from './provisioning-id.ts'

export type DryRunDeps = Pick<ProvisionUserDeps, 'machine' | 'app2'>

/** One creation, checked as `provisionUser` checks it. Throws ServiceError. */
export async function dryRunCreation(
  request: CreationRequest,
  deps: DryRunDeps,
  context: ProvisionUserContext,
): Promise<DryCreation> {
  const { username, password } = request
  if (password instanceof SecretValue) checkPassword(password.expose())
  const [forecast] = await forecastAll([request], deps, context)
  context.logger.info('creation checked', { outcome: 'done', ...context.timer.fields() })
  // Never more than was asked for, nor less: see `isAsked`.
  return { username, ...(forecast ?? { would: 'refuse' }) }
}

/** Of one question to App2: with the longest of all names and roles they stay below 1 MiB. */
const rowsAtOnce = 500

/** In the order of the requests, of which there is at least one, and all in the name of the same caller. */
export async function forecastAll(
  requests: readonly CreationRequest[],
  deps: DryRunDeps,
  { requestId, deadline, timer }: ProvisionUserContext,
): Promise<readonly Forecast[]> {
  const machine = await beforeApp2({ timer }, 'secret_ms', () => deps.machine.current(deadline))
  const call = { machine, requestId, deadline, timer }
  const forecasts: Forecast[] = []
  // One after another: App2 reads no faster for two.
  for (let from = 0; from < requests.length; from += rowsAtOnce) {
    forecasts.push(...(await ask(requests.slice(from, from + rowsAtOnce), deps, call)))
  }
  return forecasts
}

async function ask(
  requests: readonly CreationRequest[],
  { app2 }: DryRunDeps,
  call: AskCall,
): Promise<readonly Forecast[]> {
  const rows = requests.map((request) => ({
    username: request.username,
    provisioning_id: makeProvisioningId(call.machine.idempotencySecret, request),
    ...(request.password instanceof SecretValue ? {} : { deliver_to: request.password.deliverTo }),
  }))
  const body = { rows, requested_by: requests[0]?.requestedBy ?? '' }
  const checked = await app2.ask(
    '/admin/check-users',
    {
      makeBody: () => Promise.resolve(body),
      answer: checkedUsers,
      // App2's own words go no further, and a code is none of them.
      isAsked: (answer) =>
        answer.rows.length === rows.length && answer.rows.every(({ code }) => code === undefined || isErrorCode(code)),
    },
    call,
  )
  return checked.rows
}
