// The answers that API Gateway gives in its own words, `{"message":"…"}`; they hold nothing of the request.
import type { GatewayReply } from './loopback-server.ts'

/** An answer given in place of a function's. `reason` is a fixed sentence for the operator, as in an execution log. */
export type Refusal = { readonly status: number; readonly message: string; readonly reason: string }

/** The quota on the sum of all header values, `Authorization` included. */
export const largestHeaderBytes = 10_240

/** That this is a 431 is our choice: the quota is documented, the answer to a request above it is not. */
export const headersTooLarge: Refusal = {
  status: 431,
  message: 'Request Header Fields Too Large',
  reason: 'header values over 10240 bytes',
}

export const payloadTooLarge: Refusal = {
  status: 413,
  message: 'Request Too Long',
  reason: 'payload over 10485760 bytes',
}

export function toReply({ status, message }: Refusal): GatewayReply {
  return { status, headers: [['content-type', 'application/json']], body: JSON.stringify({ message }) }
}
