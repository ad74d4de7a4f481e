// Whose account App2 lives in, and what App1 answers before the two of an own account each are linked, see docs/deploy.md.
import type { Hono } from 'hono'
import { app1Rules } from '#shared/access-rules.ts'
import { oneOf, readEnvironment, type Environment, type Variable } from '#shared/env.ts'
import { ServiceError, toServiceError } from '#shared/errors.ts'
import type { AppEnvironment } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import type { SealEvidence } from '#shared/human/job-evidence.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import type { Machine } from './machine/machine.ts'

export type App2Account = 'same' | 'other' | 'none'

export const app2AccountVariables: { readonly APP2_ACCOUNT: Variable<App2Account> } = {
  APP2_ACCOUNT: {
    description:
      'Where App2 lives: in the `same` account, in an `other` one, or `none`: it is not known yet, no other variable of it is ' +
      'read, and App1 answers `not_ready`. `same` if absent.',
    parse: oneOf('same', 'other', 'none'),
    fallback: 'same',
  },
}

/** Whether anything of App2 is known. Throws ConfigurationError for a word that is none of the three. */
export function knowsApp2(environment: Environment): boolean {
  return readEnvironment(environment, app2AccountVariables).APP2_ACCOUNT !== 'none'
}

/** Answers `GET /health`, and `not_ready` on every other route of App1, whoever asks. */
export function createAppWithoutApp2(deps: BaseDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  for (const { method, path } of app1Rules.filter(({ access }) => access !== 'signed')) {
    app.on(method, path, () => {
      throw new ServiceError('not_ready', { reason: 'app2_not_linked', outcome: 'none' })
    })
  }
  return app
}

/** What App2's gate says to a role that it does not know. To other credentials than a role's it says nothing of that kind. */
const refusedByGate: Partial<Record<MachineAuth, readonly string[]>> = {
  sigv4: ['app2_refuses_our_signature'],
  'sts-token': ['app2_refuses_our_token', 'token_refused_again'],
}

/**
 * `machine`, for an App2 that lives in another account and may not know this App1's roles yet: what it refuses them is
 * `not_ready`, not a failure of App1. The `reason` stays, and so does the alarm on it: a permission can be taken back.
 */
export function acrossAccounts(machine: Machine, mode: MachineAuth): Machine {
  const refusals = [refusedByAws, ...(refusedByGate[mode] ?? [])]
  return {
    async current(deadline) {
      const current = await orNotReady(refusals, machine.current(deadline))
      // Passwords are sealed while it sends, so a refusal of their key is among these.
      return { ...current, send: (request, call) => orNotReady(refusals, current.send(request, call)) }
    },
  }
}

/** `seal`, by App2's key and apart from a request to it; the same holds for what it is refused. */
export function sealAcrossAccounts(seal: SealEvidence): SealEvidence {
  return (evidence, options) => orNotReady([refusedByAws], seal(evidence, options))
}

const refusedByAws = 'AccessDeniedException'

async function orNotReady<T>(refusals: readonly string[], step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (thrown) {
    const { reason, outcome } = toServiceError(thrown)
    if (reason === undefined || !refusals.includes(reason)) throw thrown
    throw new ServiceError('not_ready', { reason, ...(outcome !== undefined && { outcome }) })
  }
}
