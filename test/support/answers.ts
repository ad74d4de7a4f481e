// Builds what `sendOnce` resolves with, and takes its place.
import type { Answer, OutgoingRequest, SendOnce } from '#shared/aws/send-once.ts'

export const answerOf = (body: unknown, { status = 200, headers = {} }: Partial<Answer> = {}): Answer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** Answers each request as `answer` says, and keeps it. */
export function recordingSend(answer: (request: OutgoingRequest) => Promise<Answer>): SendOnce & {
  readonly sent: OutgoingRequest[]
} {
  const sent: OutgoingRequest[] = []
  const send: SendOnce = (request) => {
    sent.push(request)
    return answer(request)
  }
  return Object.assign(send, { sent })
}
