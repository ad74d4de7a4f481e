import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import {
  addUser,
  minute,
  provisioningIdOf,
  startDriftPool,
  type DriftPool,
} from '../../unit/infra/cli/drift/drift-pool.ts'

const main = new URL('../../../infra/cli/drift/main.ts', import.meta.url).pathname

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** The command as npm runs it: a process of its own, with nothing in its environment but this. */
async function runMain(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeArgs, main, ...args], {
    env: { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ])
  return { code, stdout, stderr }
}

/** The process goes by the real time, so the pool does as well, and makes its users in the past. */
async function poolWithStuckUser({ ageMs = 150 * minute } = {}): Promise<{
  pool: DriftPool
  environment: Record<string, string>
}> {
  const pool = await startDriftPool()
  pool.clock.advance(Date.now() - ageMs - pool.clock.now())
  await addUser(pool, { username: 'stuck', provisioningId: provisioningIdOf(1) })
  pool.clock.advance(ageMs)
  return { pool, environment: { USER_POOL_ID: pool.poolId, AWS_ENDPOINT_URL: pool.aws.url } }
}

describe('npm run drift, as a process', () => {
  it('finds, repairs, and finds nothing any more', async () => {
    const { environment } = await poolWithStuckUser()

    const found = await runMain([], environment)
    const repaired = await runMain(['--repair', '--yes'], environment)
    const clean = await runMain([], environment)

    expect([found.code, repaired.code, clean.code]).toEqual([1, 0, 0])
    expect(found.stdout).toMatch(/^stuck +repairable +2h +FORCE_CHANGE_PASSWORD +yes +no /m)
    expect(found.stdout + found.stderr).not.toContain('\u001b')
    expect(JSON.parse(repaired.stderr)).toMatchObject({ service: 'drift', outcome: 'removed' })
    expect(clean.stdout).toMatch(/^Nothing incomplete among 0 users/)
  })

  it('looks at secrets with the same credentials', async () => {
    const { environment } = await poolWithStuckUser()

    const { code, stdout } = await runMain(['--secrets', 'latchkey-prod/service-users/'], environment)

    expect(code).toBe(1)
    expect(stdout).toMatch(/\nThere are no secrets under that prefix: .*\n$/)
  })

  it('on a machine whose clock is fast by hours goes by the time of those who answer', async () => {
    const { environment } = await poolWithStuckUser({ ageMs: minute })
    const fastClock = 'data:text/javascript,const now=Date.now;Date.now=()=>now()+5*3600e3'

    const { code, stdout } = await runMain(['--repair', '--yes'], environment, ['--import', fastClock])

    expect(code).toBe(1)
    expect(stdout).toMatch(/^stuck +left alone: too recent +[0-2]m /m)
  })

  it('without credentials ends with 3', async () => {
    const { pool } = await poolWithStuckUser()

    const { code, stdout } = await runMain([], {
      USER_POOL_ID: pool.poolId,
      AWS_ENDPOINT_URL: pool.aws.url,
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    })

    expect(code).toBe(3)
    expect(stdout).toContain('ListUsersInGroup: CredentialsProviderError')
  })
})
