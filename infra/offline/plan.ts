// What the command tells the framework that it starts; there is no secret in it.
import type { FunctionName } from '../local/function-environments.ts'

/** In the folder of the service. */
export const planFile = 'offline.json'

export type OfflinePlan = {
  readonly environments: Readonly<Record<FunctionName, Readonly<Record<string, string>>>>
  /** Whom App1 takes every request for. */
  readonly callerArn: string
}
