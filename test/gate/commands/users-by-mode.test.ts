// A service user's life by `npm run users`, against a pair whose App1 takes signed requests alone.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { runCommand, type ExitCode } from '#infra/cli/users/command.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { goodPassword } from '../../support/requests.ts'
import { testStreams } from '../../unit/infra/cli/streams.ts'

describe.each(machineAuthModes)('npm run users, --auth %s', (machineAuth) => {
  let pair: Pair

  beforeAll(async () => {
    pair = await startPair({ machineAuth, iam: true })
  })

  afterAll(() => pair.close())

  /** What the command ends with, and the one document that it writes. */
  async function users(line: string, signer = pair.signers?.caller): Promise<[ExitCode, Record<string, unknown>]> {
    if (signer === undefined) throw new Error('the pair was started without signers')
    const streams = testStreams(goodPassword)
    const code = await runCommand([...line.split(' '), '--url', pair.app1Url, '--json'], {
      ...streams,
      configuredRegion: () => Promise.resolve(region),
      credentials: () => signer,
    })
    return [code, JSON.parse(streams.written().stdout) as Record<string, unknown>]
  }

  it('leads a user from its creation to its end, and refuses what must not be', async () => {
    const ending = { access_ends_at: expect.any(String) as string }

    const played = [
      [await users('create life-1 --human alice'), 0, { username: 'life-1' }],
      [await users('show life-1'), 0, { status: 'active', groups: ['service-user'], human_user_id: 'alice' }],
      [await users('list --prefix life-'), 0, { users: [expect.objectContaining({ username: 'life-1' })] }],
      [await users('delete life-1 --yes'), 1, { status: 409, code: 'user_enabled' }],
      [await users('reset-password life-1'), 0, { status: 'active', ...ending }],
      [await users('remove-from-group life-1 service-user'), 0, { groups: [], ...ending }],
      [await users('add-to-group life-1 service-user'), 0, { groups: ['service-user'] }],
      [await users('disable life-1'), 0, { status: 'disabled', ...ending }],
      [await users('enable life-1'), 0, { status: 'active' }],
      [await users('show life-1', pair.signers?.reader), 0, { status: 'active' }],
      [await users('delete life-1 --yes --force', pair.signers?.reader), 1, { status: 403, code: 'forbidden' }],
      [await users('delete life-1 --yes --force'), 0, { username: 'life-1', ...ending }],
      [await users('show life-1'), 1, { status: 404, code: 'user_not_found' }],
      [await users('show life-1', pair.signers?.stranger), 1, { status: 403, code: 'forbidden' }],
    ] as const

    for (const [[code, document], expected, shape] of played) {
      expect([code, document]).toEqual([expected, expect.objectContaining(shape)])
    }
  })
})
