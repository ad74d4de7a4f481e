// Calls App2's functions without a gateway, and counts how far the event got; whoever is past the second check is in.
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda'
import type { TestContext } from 'vitest'
import type { LambdaHandler } from '#shared/http/lambda-handler.ts'
import { lambdaContext } from '../../support/events.ts'
import type { App2Function } from './app2-functions.ts'
import { countAttack } from './repel.ts'
import type { GatedPath } from './stage.ts'

export type AppAnswer = { readonly status: number; readonly code?: unknown }

type Functions = Readonly<Record<App2Function, LambdaHandler>>

export const functionNames = ['create-user', 'check-users', 'manage-users', 'sample'] as const

/** A gated route of each function. */
export const ownPath: Readonly<Record<App2Function, GatedPath>> = {
  'create-user': '/admin/create-user',
  'check-users': '/admin/check-users',
  'manage-users': '/admin/users/delete',
  sample: '/sample',
}

export async function invoke(
  handler: LambdaHandler,
  event: LambdaEvent,
  lambda: LambdaContext = lambdaContext(),
): Promise<AppAnswer> {
  const { statusCode, body } = await handler(event, lambda)
  const { code } = JSON.parse(body) as { code?: unknown }
  return { status: statusCode, ...(code !== undefined && { code }) }
}

/** Sends the event to each function and counts: beyond the second check there is a 200 or a 400, never less. */
export async function attackEach(
  functions: Functions,
  eventFor: (path: GatedPath) => LambdaEvent,
  { task }: TestContext,
): Promise<AppAnswer[]> {
  const answers: AppAnswer[] = []
  for (const name of functionNames) answers.push(await invoke(functions[name], eventFor(ownPath[name])))
  countAttack(
    task,
    answers.map(({ status }) => status < 401),
  )
  return answers
}

export const unauthorized: AppAnswer[] = functionNames.map(() => ({ status: 401, code: 'unauthorized' }))
export const forbidden: AppAnswer[] = functionNames.map(() => ({ status: 403, code: 'forbidden' }))
export const notFound: AppAnswer[] = functionNames.map(() => ({ status: 404, code: 'not_found' }))
