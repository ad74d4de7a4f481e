// Attacks on memory: tokens that cost nothing to make and must leave nothing behind.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, forgeUnsigned, serviceToken } from './support/calls.ts'
import { countAttack } from './support/repel.ts'
import { openStage, stageArn, type Stage } from './support/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

describe('memory', () => {
  const collectGarbage = (): void => {
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
  }

  const heapAfter = async (ask: (n: number) => Promise<unknown>, count: number): Promise<number> => {
    for (let n = 0; n < 200; n += 1) await ask(-n)
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < count; n += 1) await ask(n)
    collectGarbage()
    return process.memoryUsage().heapUsed - before
  }

  const filler = 'x'.repeat(3_500)

  it.for([
    [
      'issuers, for each of which aws-jwt-verify would keep a key',
      'wrong_issuer',
      (n: number) => forgeUnsigned({}, { iss: `https://made-up.example/${n}/${filler}` }),
    ],
    ['key ids', 'unknown_key', (n: number) => forgeUnsigned({ kid: `made-up-${n}-${filler}` })],
    ['claims', 'bad_signature', (n: number) => forgeUnsigned({}, { jti: `made-up-${n}-${filler}` })],
  ] as const)('three thousand tokens of 5 kB with made-up %s leave nothing behind', async (attempt, { task }) => {
    const [, reason, forge] = attempt
    const methodArn = `${stageArn}/POST/sample`
    await call(stage, '/sample', serviceToken())

    const grownBy = await heapAfter(async (n) => {
      const answer = await stage.ask({ authorizationToken: `Bearer ${forge(n)}`, methodArn })
      countAttack(task, [answer.outcome === 'allowed'])
      expect(answer).toEqual({ outcome: 'unauthorized', reason })
    }, 3_000)

    // Kept, they would be 15 MB. What the test itself keeps, the log's lines, is a tenth of that.
    expect(grownBy).toBeLessThan(5_000_000)
  })
})
