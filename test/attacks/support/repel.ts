// Sends an attack at every gateway and counts it; whether it was repelled is read from what happened, not from a test.
import type { TestContext } from 'vitest'
import { bodies, gatedPaths, stageArn, type GatewayAnswer, type HandlerAnswer, type Stage } from './stage.ts'

/** What the reporter adds up: one attack for each test that has it, with its attempts. */
export type AttackCount = { readonly attempts: number; readonly allowed: number }

declare module 'vitest' {
  interface TaskMeta {
    attack?: AttackCount
  }
}

export type Answers = { readonly handler: HandlerAnswer; readonly gateway: GatewayAnswer }

/** Presents `authorization`, the header's whole value, on each gated route: to the authorizer and at the gateway. */
export async function present(stage: Stage, authorization: string, { task }: TestContext): Promise<Answers[]> {
  const answers: Answers[] = []
  for (const path of gatedPaths) {
    const event = { type: 'TOKEN', authorizationToken: authorization, methodArn: `${stageArn}/POST${path}` }
    const handler = await stage.ask(event)
    const headers = [`Authorization: ${authorization}`]
    const gateway = await stage.send({ target: path, headers, body: bodies[path] })
    answers.push({ handler, gateway })
  }
  countAttack(
    task,
    answers.flatMap(({ handler, gateway }) => [handler.outcome === 'allowed', gateway.reached !== undefined]),
  )
  return answers
}

/** Adds to the test's attack one entry for each attempt: whether it got what it wanted. */
export function countAttack(task: TestContext['task'], allowed: readonly boolean[]): void {
  const before = task.meta.attack ?? { attempts: 0, allowed: 0 }
  task.meta.attack = {
    attempts: before.attempts + allowed.length,
    allowed: before.allowed + allowed.filter(Boolean).length,
  }
}

const everywhere = (answers: Answers): Answers[] => gatedPaths.map(() => answers)

/** 401 on each route: the authorizer throws exactly `Unauthorized`, and its log says why. */
export const unauthorized = (reason: string): Answers[] =>
  everywhere({ handler: { outcome: 'unauthorized', reason }, gateway: { status: 401, code: 'unauthorized' } })

/** 403 on each route, by a policy that denies them all. */
export const denied: Answers[] = everywhere({
  handler: { outcome: 'explicitly_denied' },
  gateway: { status: 403, code: 'forbidden' },
})
