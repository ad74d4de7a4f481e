// What Secrets Manager sends to a rotation function, once for each step; it is parsed before anything else is done.
import * as z from 'zod/mini'
import { RotationError } from './rotation-error.ts'

/** In this order. Each may come again, and the whole run as well. */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const

export type RotationStep = (typeof rotationSteps)[number]

export type RotationEvent = {
  readonly step: RotationStep
  readonly secretArn: string
  /** Secrets Manager's ClientRequestToken, which is the id of the version that this rotation makes. */
  readonly version: string
}

const rotationEvent = z.object({
  Step: z.enum(rotationSteps),
  SecretId: z.string(),
  ClientRequestToken: z.string().check(z.regex(/^[\w-]{32,64}$/)),
})

/** Throws `event_malformed`. Members that it does not name, such as RotationToken, are ignored. */
export function parseRotationEvent(event: unknown): RotationEvent {
  const parsed = z.safeParse(rotationEvent, event)
  if (!parsed.success) throw new RotationError('event_malformed')
  const { Step: step, SecretId: secretArn, ClientRequestToken: version } = parsed.data
  return { step, secretArn, version }
}
