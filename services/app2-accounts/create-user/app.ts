// The routes of App2's create-user function: the caller's second check, the request's form, the answer's form.
import type { Hono } from 'hono'
import { createUserRequest, humanTokenHeader } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import type { AppEnvironment, CallerReader } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import { requireAccess } from '#shared/http/require-access.ts'
import type { RoutedApp2 } from '#shared/http/routed-app.ts'
import { humanFields, identifyHuman } from '#shared/human/identify-human.ts'
import type { HumanRules } from '#shared/human/human-verifier.ts'
import type { OpenEvidence } from '#shared/human/job-evidence.ts'
import { bindFields } from '#shared/logger.ts'
import { createUser, type CreateUserDeps } from './create-user.ts'
import { humanOfJob } from './human-of-job.ts'
import { requireBinding } from './require-binding.ts'

type AppDeps = BaseDeps &
  CreateUserDeps & {
    readonly readCaller: CallerReader
    /** Whether a role of App1 needs a token of its own for each creation; it does not if absent. */
    readonly bindsCreations?: boolean
    /** Absent where no issuer of humans' tokens is configured. */
    readonly human?: HumanRules | undefined
    readonly openEvidence?: OpenEvidence | undefined
  }

export function createApp(deps: AppDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp2 = app

  routes.post('/admin/create-user', requireAccess(deps.readCaller), async (c) => {
    const body = await readBody(c, createUserRequest)
    requireBinding(
      c.var.caller,
      { body: await c.req.arrayBuffer(), provisioningId: body.provisioning_id },
      { isDemanded: deps.bindsCreations ?? false },
    )
    const logger = bindFields(c.var.logger, {
      provisioning_id: body.provisioning_id,
      requested_by: body.requested_by,
      human_user_id: body.human_user_id,
      password_reader: body.deliver_to,
    })
    c.set('logger', logger)
    c.set('write', {})

    const { deadline, requestId, timer, unverifiedHumanToken: token } = c.var
    const { human_user_id: claimed, requested_by: requestedBy, human_evidence: sealedEvidence, job_id: jobId } = body
    const isOfJob = sealedEvidence !== undefined && jobId !== undefined
    if (isOfJob && token !== undefined) throw twoProofs()
    // App1 has verified the token; whoever holds App1's credential and no such token gets no further than here.
    const human = isOfJob
      ? await humanOfJob({ jobId, requestedBy, sealedEvidence, claimed }, deps, { deadline, timer })
      : await identifyHuman(deps.human, { token, claimed }, { requestId, deadline, timer })
    const { proof } = human
    const verifiedBy = isOfJob ? 'app1' : 'app2'
    const fields = { ...humanFields(human), ...(proof.kind === 'verified' && { human_verified_by: verifiedBy }) }
    const audited = bindFields(logger, fields)
    c.set('logger', audited)
    return c.json(await createUser({ ...body, proof }, deps, { deadline, logger: audited, timer }), 201)
  })

  return app
}

/** Of two, nobody knows which one counts. */
function twoProofs(): ServiceError {
  const errors = [{ header: humanTokenHeader, detail: 'must not come with human_evidence' }]
  return new ServiceError('invalid_request', { errors })
}
