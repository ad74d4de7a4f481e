// Who calls App2, after somebody else has checked the proof. Each source of that knowledge has a reader of its own.
import type { Identity } from '../access-rules.ts'

export type Caller = Identity & {
  /**
   * Of a user, the pool's immutable id: a deleted name can be made again, a `sub` cannot. Of a machine, what its token
   * says, or its client's id. Of a principal, the role's ARN.
   */
  readonly sub: string
}

/**
 * The caller that API Gateway's `requestContext` names, or undefined where it names nobody. A reader takes
 * its own source's form, whole, and nothing else: what another source would write counts for nothing.
 */
export type CallerReader = (requestContext: unknown) => Caller | undefined
