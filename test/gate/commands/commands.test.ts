import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../../support/listen.ts'
import { ended, freePorts, run as runCommand, shows, type Command } from '../../support/commands.ts'

let running: Command | undefined

afterEach(() => {
  running?.child.kill('SIGKILL')
})

function run(...command: Parameters<typeof runCommand>): Command {
  running = runCommand(...command)
  return running
}

describe('npm run demo', () => {
  it('shows which credential opens which route, and ends with 0 and no secret', async () => {
    const demo = run('infra/local/demo.ts')

    expect(await ended(demo)).toBe(0)

    expect(demo.text()).toMatch(/^ {2}✓ the machine user’s token +open +open +403 +\d+ ms$/m)
    expect(demo.text()).toMatch(/^ {2}✓ the service user’s token +403 +403 +open +\d+ ms$/m)
    expect(demo.text().match(/^ {2}✓ .* \d+ ms$/gm)).toHaveLength(17)
    expect(demo.text()).not.toMatch(/✗|eyJ|latchkey-machine-|-aA1/)
    expect(demo.text()).not.toContain('\u001b')
  })
})

describe('npm start', () => {
  it('prints lines to paste, serves, and stops on Ctrl-C', async () => {
    const start = run('infra/local/start.ts', { environment: freePorts })

    await shows(start, /Ctrl-C/)
    const [, app1 = ''] = /^curl -sS (http:\S+)\/create-service-user/m.exec(start.text()) ?? []
    const [, docs = ''] = /the reference of both APIs at (http:\S+\/docs)$/m.exec(start.text()) ?? []
    expect((await fetch(`${app1}/health`)).status).toBe(200)
    expect((await fetch(docs)).status).toBe(200)
    start.child.kill('SIGINT')

    expect(await ended(start)).toBe(0)
    await expect(fetch(`${app1}/health`)).rejects.toThrow('fetch failed')
  })

  it('with --iam lets only signed requests in, and prints lines that sign', async () => {
    const start = run('infra/local/start.ts', { environment: freePorts, args: ['--iam'] })

    await shows(start, /Ctrl-C/)
    const [line = '', app1 = ''] = /^curl -sS (http:\S+)\/create-service-user --aws-sigv4.*$/m.exec(start.text()) ?? []
    expect(line).toMatch(/--user 'ASIALOCAL\w+:\w{40}' -H 'x-amz-security-token: \w{64}'/)
    expect(start.text()).toMatch(/^users\(\) \{ .* npm run --silent users -- "\$@" --url http:/m)
    expect((await fetch(`${app1}/health`)).status).toBe(403)
    start.child.kill('SIGINT')

    expect(await ended(start)).toBe(0)
  })

  it('names a port that is taken, and leaves nothing running', async () => {
    const { url, close } = await listen(() => undefined)
    const { port } = new URL(url)

    const start = run('infra/local/start.ts', { environment: { ...freePorts, PORT_APP1: port } })

    expect(await ended(start)).toBe(1)
    expect(start.text()).toContain(`Port ${port} is taken.`)
    await close()
  })

  it('refuses a port that is none, and says why', async () => {
    const start = run('infra/local/start.ts', { environment: { ...freePorts, PORT_APP2: 'x' } })

    expect(await ended(start)).toBe(2)
    expect(start.text()).toContain('PORT_APP2 must be a port number')
  })
})

describe.each(['demo', 'start'])('npm run %s', (command) => {
  it.each([
    [['--auth', 'basic'], '--auth must be one of password, client-credentials, client-token, sigv4, sts-token.'],
    [['--author', 'canary'], 'There is no such option, or its value is missing. See --help.'],
  ])('refuses %j and says what there is', async (args, reason) => {
    const wrong = run(`infra/local/${command}.ts`, { environment: freePorts, args })

    expect(await ended(wrong)).toBe(2)
    expect(wrong.text()).toContain(reason)
    expect(wrong.text()).not.toContain('    at ')
    expect(wrong.text()).not.toContain('canary')
  })

  it('refuses an AWS_ENDPOINT_URL on another machine, and starts nothing', async () => {
    const environment = { ...freePorts, AWS_ENDPOINT_URL: 'https://aws.example' }

    const wrong = run(`infra/local/${command}.ts`, { environment })

    expect(await ended(wrong)).toBe(2)
    expect(wrong.text()).toContain('--allow-remote')
    expect(wrong.text()).not.toContain('127.0.0.1')
  })

  it('answers --help with its usage, and starts nothing', async () => {
    const help = run(`infra/local/${command}.ts`, { environment: freePorts, args: ['--help'] })

    expect(await ended(help)).toBe(0)
    expect(help.text()).toContain('Usage: npm ')
    expect(help.text()).not.toContain('127.0.0.1')
  })
})
