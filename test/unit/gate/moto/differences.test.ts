import { describe, expect, it } from 'vitest'
import { judge, leftBehind, missingOutputs, passedOver } from '#test/gate/moto/differences.ts'

const template = {
  Resources: {
    Pool: { Type: 'T::Pool' },
    FirstAlarm: { Type: 'T::Alarm' },
    SecondAlarm: { Type: 'T::Alarm' },
    Role: { Type: 'T::Role', DeletionPolicy: 'Retain' },
    Api: { Type: 'T::Api' },
  },
  Outputs: { Url: {}, PoolId: {} },
}

type Resource = readonly [logicalId: string, type: string, physicalId: string]

const role: Resource = ['Role', 'T::Role', 'role-1']
const api: Resource = ['Api', 'T::Api', 'api-1']

function stackOf(...resources: readonly Resource[]) {
  return {
    status: 'UPDATE_COMPLETE',
    outputs: [],
    resources: new Map(resources.map(([logicalId, type, physicalId]) => [logicalId, { type, physicalId }])),
  }
}

describe('passedOver', () => {
  it('names a type once when none of its resources was made', () => {
    expect(passedOver(template, stackOf(role, api))).toEqual(['T::Pool is passed over', 'T::Alarm is passed over'])
  })

  it('names each resource when another one of its type was made', () => {
    const stack = stackOf(role, api, ['Pool', 'T::Pool', 'p'], ['FirstAlarm', 'T::Alarm', 'a'])

    expect(passedOver(template, stack)).toEqual(['SecondAlarm (T::Alarm) is passed over'])
  })
})

describe('missingOutputs', () => {
  it.each([
    { outputs: [], found: ['the stack has no outputs'] },
    { outputs: ['Url'], found: ['the stack has no output PoolId'] },
    { outputs: ['Url', 'PoolId'], found: [] },
  ])('of a stack that shows $outputs are $found', ({ outputs, found }) => {
    expect(missingOutputs(template, { outputs })).toEqual(found)
  })
})

describe('leftBehind', () => {
  const stack = stackOf(role, api)
  const made = new Map([['Pool', { ref: 'pool-1', attributes: {} }]])
  const afterwards = (held: Record<string, readonly string[]>) =>
    leftBehind(template, { stack, made, inventory: new Map(Object.entries({ 'T::Role': ['role-1'], ...held })) })

  it('is nothing when all is gone but what the template retains', () => {
    expect(afterwards({ 'T::Api': [] })).toEqual([])
  })

  it('names what the stack made, what was made beside it, and what nobody knows', () => {
    expect(afterwards({ 'T::Api': ['api-1', 'api-2'], 'T::Pool': ['pool-1'] })).toEqual([
      'Api (T::Api) is left behind',
      'api-2 (T::Api) is left behind',
      'Pool (T::Pool) is left behind',
    ])
  })

  it('names a retained resource that is gone', () => {
    expect(afterwards({ 'T::Role': [] })).toEqual(['Role (T::Role) is removed, though its policy is to retain it'])
  })
})

describe('judge', () => {
  it('tells what is found and not listed from what is listed and not found', () => {
    expect(judge(['a', 'b'], ['b', 'c'])).toEqual({ unlisted: ['a'], outdated: ['c'] })
    expect(judge(['a'], ['a'])).toEqual({ unlisted: [], outdated: [] })
  })
})
