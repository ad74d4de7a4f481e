import { describe, expect, it } from 'vitest'
import {
  authorizationFor,
  choosePairModes,
  takesScopes,
  type PairModeOptions,
} from '../../../../infra/local/pair-modes.ts'
import { accessRules } from '../../../../shared/access-rules.ts'
import { machineAuthModes } from '../../../../shared/machine-auth.ts'

const gates = (options: PairModeOptions) =>
  accessRules.map((rule) => [rule.path, authorizationFor(rule, choosePairModes(options)).kind])

describe('choosePairModes', () => {
  it('without options it is the password mode behind our own authorizer', () => {
    expect(choosePairModes({})).toEqual({ machineAuth: 'password', accepted: ['password'], app2Authorizer: 'lambda' })
  })

  it('a second mode is accepted, and the same one twice is one', () => {
    const moving = choosePairModes({ machineAuth: 'password', machineAuthAlso: 'client-credentials' })

    expect(moving.accepted).toEqual(['password', 'client-credentials'])
    expect(choosePairModes({ machineAuth: 'sigv4', machineAuthAlso: 'sigv4' }).accepted).toEqual(['sigv4'])
  })

  it.each<PairModeOptions>([
    { machineAuth: 'sigv4', machineAuthAlso: 'password' },
    { machineAuth: 'client-token', machineAuthAlso: 'sigv4' },
  ])('%j is refused: a route has one kind of guard', (options) => {
    expect(() => choosePairModes(options)).toThrow('sigv4 stands alone')
  })

  it.each<PairModeOptions>([
    {},
    { machineAuth: 'sigv4' },
    { machineAuth: 'client-token', machineAuthAlso: 'password' },
  ])('%j is refused behind the Cognito authorizer, which knows scopes alone', (options) => {
    expect(() => choosePairModes({ ...options, app2Authorizer: 'cognito' })).toThrow('goes with the scope modes only')
  })
})

describe('takesScopes', () => {
  it.each(machineAuthModes)('%s', (machineAuth) => {
    expect(takesScopes(choosePairModes({ machineAuth }))).toBe(machineAuth.startsWith('client-'))
  })

  it('one of two modes is enough', () => {
    expect(takesScopes(choosePairModes({ machineAuthAlso: 'client-token' }))).toBe(true)
  })
})

describe('authorizationFor', () => {
  it.each(['password', 'client-credentials', 'client-token'] as const)('%s: our authorizer', (machineAuth) => {
    expect(gates({ machineAuth })).toEqual([
      ['/admin/create-user', 'token'],
      ['/sample', 'token'],
      ['/health', 'none'],
    ])
  })

  it('sigv4: IAM where the table names a principal, our authorizer elsewhere', () => {
    expect(gates({ machineAuth: 'sigv4' })).toEqual([
      ['/admin/create-user', 'iam'],
      ['/sample', 'token'],
      ['/health', 'none'],
    ])
  })

  it('API Gateway’s own authorizer asks for the scope of each route', () => {
    const modes = choosePairModes({ machineAuth: 'client-token', app2Authorizer: 'cognito' })

    expect(accessRules.map((rule) => authorizationFor(rule, modes))).toEqual([
      { kind: 'cognito', scopes: ['app2/users.create'] },
      { kind: 'cognito', scopes: ['app2/sample.call'] },
      { kind: 'none' },
    ])
  })
})
