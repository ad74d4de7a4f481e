import { describe, expect, it } from 'vitest'
import { readAcceptedClients } from '#services/app2-accounts/authorizer/accepted-clients.ts'

const machineUser = { client: 'machine', token: 'user' }
const serviceUser = { client: 'service', token: 'user' }
const machine = { client: 'machine', token: 'machine' }
const service = { client: 'service', token: 'machine' }

const ids = {
  MACHINE_CLIENT_ID: 'machine1',
  SERVICE_CLIENT_ID: 'service1',
  MACHINE_SCOPE_CLIENT_ID: 'machine2',
  SERVICE_SCOPE_CLIENT_ID: 'service2',
}
const only = (...names: (keyof typeof ids)[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, ids[name]]))
const clientsOf = (modes: string | undefined, given: Record<string, string>): unknown =>
  Object.fromEntries(readAcceptedClients({ ...given, MACHINE_AUTH_ACCEPTED: modes }))

describe('readAcceptedClients', () => {
  it('without a mode takes the machine user’s client and the service users’', () => {
    expect(clientsOf(undefined, only('MACHINE_CLIENT_ID', 'SERVICE_CLIENT_ID'))).toEqual({
      machine1: machineUser,
      service1: serviceUser,
    })
  })

  it.each(['client-credentials', 'client-token', 'client-credentials,client-token'])(
    'for %s takes the machine’s own client in place of the machine user’s',
    (modes) => {
      expect(clientsOf(modes, only('SERVICE_CLIENT_ID', 'MACHINE_SCOPE_CLIENT_ID'))).toEqual({
        service1: serviceUser,
        machine2: machine,
      })
      expect(clientsOf(modes, only('SERVICE_CLIENT_ID', 'MACHINE_SCOPE_CLIENT_ID', 'SERVICE_SCOPE_CLIENT_ID'))).toEqual(
        { service1: serviceUser, machine2: machine, service2: service },
      )
    },
  )

  it('for sigv4 takes service users’ tokens alone', () => {
    expect(clientsOf('sigv4', only('SERVICE_CLIENT_ID'))).toEqual({ service1: serviceUser })
  })

  it('while a team moves takes both machines’, whichever mode comes first', () => {
    for (const modes of ['password,client-token', 'client-token,password']) {
      expect(clientsOf(modes, ids)).toEqual({
        machine1: machineUser,
        service1: serviceUser,
        machine2: machine,
        service2: service,
      })
    }
  })

  it.each([
    ['password', 'MACHINE_CLIENT_ID is missing; SERVICE_CLIENT_ID is missing'],
    ['client-token', 'SERVICE_CLIENT_ID is missing; MACHINE_SCOPE_CLIENT_ID is missing'],
    ['client-credentials', 'SERVICE_CLIENT_ID is missing; MACHINE_SCOPE_CLIENT_ID is missing'],
    ['sigv4', 'SERVICE_CLIENT_ID is missing'],
  ])('for %s with no id lists what it needs', (modes, problems) => {
    expect(() => clientsOf(modes, {})).toThrow(`Configuration refused: ${problems}`)
  })

  it.each([
    ['password', ['MACHINE_SCOPE_CLIENT_ID', 'SERVICE_SCOPE_CLIENT_ID']],
    ['client-token', ['MACHINE_CLIENT_ID']],
    ['client-credentials', ['MACHINE_CLIENT_ID']],
    ['sigv4', ['MACHINE_CLIENT_ID', 'MACHINE_SCOPE_CLIENT_ID', 'SERVICE_SCOPE_CLIENT_ID']],
  ])('for %s refuses the id of a mode that is not accepted: %s', (modes, names) => {
    const problems = names.map((name) => `${name} is set, but no mode of MACHINE_AUTH_ACCEPTED uses it`)

    expect(() => clientsOf(modes, ids)).toThrow(new Error(`Configuration refused: ${problems.join('; ')}`).message)
  })

  it.each([
    [{ SERVICE_CLIENT_ID: 'machine1' }, 'SERVICE_CLIENT_ID must differ from the other client ids'],
    [{ MACHINE_SCOPE_CLIENT_ID: 'machine1' }, 'MACHINE_SCOPE_CLIENT_ID must differ from the other client ids'],
    [{ SERVICE_SCOPE_CLIENT_ID: 'service1' }, 'SERVICE_SCOPE_CLIENT_ID must differ from the other client ids'],
    [{ SERVICE_SCOPE_CLIENT_ID: 'machine2' }, 'SERVICE_SCOPE_CLIENT_ID must differ from the other client ids'],
  ])('refuses one client for two uses: %j', (same, problem) => {
    expect(() => clientsOf('password,client-token', { ...ids, ...same })).toThrow(`Configuration refused: ${problem}`)
  })

  it.each([
    ...['Password', 'password ', 'password,', ',', 'password password', 'password,password', 'none'],
    ...['password,none', '*'],
  ])('refuses the modes %j', (modes) => {
    expect(() => clientsOf(modes, ids)).toThrow('MACHINE_AUTH_ACCEPTED is not valid')
  })
})
