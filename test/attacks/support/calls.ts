// Single calls with a service user's token, at every gateway, and what the answers to them can be.
import type { TestContext } from 'vitest'
import { poolKey } from '../../support/pool-keys.ts'
import { serviceUserClaims, testPool, type Changes, type Signer } from '../../support/tokens.ts'
import { countAttack, type Answers } from './repel.ts'
import { bodies, stageArn, type GatedPath, type Stage } from './stage.ts'

/** Longer than any time that passes in a test, so that no expiry does another check's work. */
const longLived = { exp: 4_000_000_000 }

export function serviceToken(claims: Changes = {}, signer: Signer = poolKey): string {
  return signer.accessToken({ now: Date.UTC(2026, 0, 1), claims: { ...serviceUserClaims, ...longLived, ...claims } })
}

/** A token with the pool's issuer and key id, unless told otherwise, and no signature worth the name. */
export function forgeUnsigned(header: Changes, claims: Changes = {}): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = { ...serviceUserClaims, ...longLived, iss: testPool.issuer }
  return `${encode({ alg: 'RS256', kid: poolKey.kid, ...header })}.${encode({ ...payload, ...claims })}.AAAA`
}

/** Asks the authorizer by itself, and sends a request to the gateway. */
export async function call(stage: Stage, path: GatedPath, token: string): Promise<Answers> {
  const authorization = `Bearer ${token}`
  const handler = await stage.ask({ authorizationToken: authorization, methodArn: `${stageArn}/POST${path}` })
  const headers = [`Authorization: ${authorization}`]
  return { handler, gateway: await stage.send({ target: path, headers, body: bodies[path] }) }
}

/** As `call`, and counts it as an attempt. */
export async function attack(stage: Stage, path: GatedPath, token: string, { task }: TestContext): Promise<Answers> {
  const answers = await call(stage, path, token)
  countAttack(task, [answers.handler.outcome === 'allowed', answers.gateway.reached !== undefined])
  return answers
}

export const served: Answers = { handler: { outcome: 'allowed' }, gateway: { status: 200, reached: 'sample' } }

export const refused = (reason: string): Answers => ({
  handler: { outcome: 'unauthorized', reason },
  gateway: { status: 401, code: 'unauthorized' },
})
