// The port by which App1 proves to App2 who it is; the use case never learns in which of the ways it does.
import type { Deadline } from '#shared/time/deadline.ts'

/** A request to App2 before it carries a proof. `body` holds the very bytes that are sent. */
export type UnprovenRequest = {
  readonly method: 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type Proof = {
  /** The status by which App2's gate says that it does not take this credential. Nothing was done then. */
  readonly refusedWith: 401 | 403
  /** The request's headers with the proof among them. Throws ServiceError; nothing was sent then. */
  readonly addTo: (request: UnprovenRequest) => Promise<Readonly<Record<string, string>>>
  /** Another proof in place of this one, which App2 refused. Throws ServiceError when there is none to be had. */
  readonly renew: (deadline: Deadline) => Promise<Proof>
}

export type MachineIdentity = {
  /** A proof that is good for at least five seconds. Throws ServiceError. */
  readonly prove: (deadline: Deadline) => Promise<Proof>
}
