import { afterEach, describe, expect, it } from 'vitest'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'
import { ended, freePorts, run, shows, type Command } from '../../support/commands.ts'
import { serviceUserRequest } from '../../support/requests.ts'

let running: Command | undefined

afterEach(() => {
  running?.child.kill('SIGKILL')
})

/** What each route says to the machine of the mode, and to one of the mode before. */
const rows: Readonly<Record<MachineAuth, readonly RegExp[]>> = {
  password: [/✓ the machine user’s token +open +open +403 /],
  'client-credentials': [
    /✓ the machine client’s token \(scope\) +open +open +403 /,
    /✓ a machine user, the old way +401 +401 +401 /,
  ],
  'client-token': [
    /✓ the machine client’s token \(scope\) +open +open +403 /,
    /✓ a machine user, the old way +401 +401 +401 /,
  ],
  'sts-token': [
    /✓ App1’s role’s token +open +open +403 /,
    /✓ another role’s token +401 +401 +401 /,
    /✓ the same role’s of another account +401 +401 +401 /,
    /✓ App1’s role’s, signed with ES384 +401 +401 +401 /,
  ],
  sigv4: [
    /✓ App1’s signature +open +open +401 /,
    /✓ another role’s signature +403 +403 +401 /,
    /✓ a machine user, the old way +403 +403 +401 /,
  ],
}

/** How many tokens App1 asks for: one, one for each scope that is used, or none where it signs. */
const tokens: Readonly<Record<MachineAuth, string>> = {
  password: '1 token',
  'client-credentials': '4 tokens',
  'client-token': '4 tokens',
  'sts-token': '1 token',
  sigv4: 'no tokens',
}

describe.each(machineAuthModes)('--auth %s', (mode) => {
  it('npm run demo shows that the right credentials are served and the wrong ones refused', async () => {
    running = run('infra/local/demo.ts', { args: ['--auth', mode] })

    expect(await ended(running)).toBe(0)

    for (const row of [...rows[mode], /✓ the service user’s token +403 +403 +open /])
      expect(running.text()).toMatch(row)
    expect(running.text()).toContain(`App1 asked for ${tokens[mode]} of its own.`)
    expect(running.text()).not.toMatch(/✗|eyJ|latchkey-machine-|-aA1|AWS4-HMAC|ASIALOCAL/)
  })

  it('npm run demo -- --human shows that a creation takes its human’s own access token, and nothing like it', async () => {
    running = run('infra/local/demo.ts', { args: ['--auth', mode, '--human'] })

    expect(await ended(running)).toBe(0)

    for (const row of rows[mode]) expect(running.text()).toMatch(row)
    for (const what of [/without a token .* \(401\)/, /with the ID token .* \(401\)/, /another’s name .* \(403\)/])
      expect(running.text()).toMatch(new RegExp(`✓ .*${what.source}`))
    expect(running.text()).toMatch(/✓ with the token alone the user is made \(201\).*: verified/)
    expect(running.text()).not.toMatch(/✗|eyJ/)
  })

  it('npm start serves, and prints nothing of the machine’s credentials', async () => {
    running = run('infra/local/start.ts', { environment: freePorts, args: ['--auth', mode] })
    await shows(running, /Ctrl-C/)
    const [, app1 = ''] = /^curl -sS (http:\S+)\/create-service-user/m.exec(running.text()) ?? []

    const answer = await fetch(`${app1}/create-service-user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(serviceUserRequest()),
    })

    expect(answer.status).toBe(201)
    // The reader of a generated password, a stranger to it, and another role, who sign one request each; never the machine.
    const others = running.text().replaceAll(/--aws-sigv4 'aws:amz:\S+:(?:secretsmanager|sts)' --user '\S+'/g, '')
    expect(others).not.toMatch(/eyJ|latchkey-machine-|AWS4-HMAC|ASIALOCAL/)
    running.child.kill('SIGINT')
    expect(await ended(running)).toBe(0)
  })
})

// The pair itself is in test/gate/modes/two-accounts.test.ts, in every mode.
it.each([
  ['password', '210987654321'],
  ['sts-token', '123456789012'],
] as const)(
  'npm run demo -- --auth %s --two-accounts says where everything is, and who is let across',
  async (mode, owner) => {
    running = run('infra/local/demo.ts', { args: ['--auth', mode, '--two-accounts'] })

    expect(await ended(running)).toBe(0)

    for (const row of rows[mode]) expect(running.text()).toMatch(row)
    expect(running.text()).toMatch(
      new RegExp(`✓ App1 is in the account 123456789012; .* the machine’s secret in ${owner} `),
    )
    expect(running.text()).toMatch(/✓ App1’s role reads that secret, and no other role of the two accounts does/)
  },
)
