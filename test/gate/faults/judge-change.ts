// What must hold of a user that is there while it is changed, and of what is said of it then; it looks at nothing by itself.
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import { contracts } from '#shared/routes.ts'
import type { Exchange, Sighting } from './judge.ts'
import type { UserState } from './operator.ts'
import type { Expected } from './scenario.ts'

type Change = Extract<Expected, { readonly kind: 'changed' }>

/** Each part of the user is what it was `first`, or what the change makes of it. */
export function isOnTheWay(user: UserState | undefined, first: UserState | undefined, { to, isGone }: Change): boolean {
  if (user === undefined || first === undefined) return isGone === true || user === first
  const either = new Map<string, unknown>(Object.entries(to))
  const still = new Map<string, unknown>(Object.entries(first))
  return Object.entries(user).every(
    ([part, value]) =>
      part === 'modifiedAt' ||
      isDeepStrictEqual(value, still.get(part)) ||
      (either.has(part) && isDeepStrictEqual(value, either.get(part))),
  )
}

/** The change is all there, to the last session. */
export function isDone({ user, signIn }: Sighting, change: Change): boolean {
  if (change.isGone) return user === undefined
  return user !== undefined && signIn === change.signIn && isDeepStrictEqual(user, { ...user, ...change.to })
}

export function isUnchanged({ before }: Exchange, { user, signIn, secrets }: Sighting): boolean {
  return isDeepStrictEqual([user, signIn, secrets], [before.user, before.signIn, before.secrets])
}

const described = z.object({
  username: z.string(),
  user_id: z.string(),
  status: z.optional(z.string()),
  groups: z.optional(z.array(z.string())),
})

/** Whether the success has the form that is documented, and describes the user as it is, or as it was when it was deleted. */
export function describesChange({ contract, answer, before, after }: Exchange): boolean {
  const { status, schema } = contracts.app1[contract].success
  const parsed = z.safeParse(described, answer.body)
  const user = after.user ?? before.user
  if (answer.status !== status || !schema.safeParse(answer.body).success || !parsed.success || !user) return false
  const { username, sub: user_id, enabled, groups } = user
  const told = after.user === undefined ? {} : { status: enabled ? 'active' : 'disabled', groups }
  return isDeepStrictEqual(parsed.data, { username, user_id, ...told })
}
