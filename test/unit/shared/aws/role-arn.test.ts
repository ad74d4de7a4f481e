import { describe, expect, it } from 'vitest'
import { isSessionOf, parseAssumedRole, parseRoleArn } from '#shared/aws/role-arn.ts'

describe('parseRoleArn', () => {
  it('takes a role with and without a path', () => {
    expect(parseRoleArn('arn:aws:iam::111111111111:role/a/b/name_+=,.@-1')).toEqual({
      arn: 'arn:aws:iam::111111111111:role/a/b/name_+=,.@-1',
      partition: 'aws',
      accountId: '111111111111',
      roleName: 'name_+=,.@-1',
    })
    expect(parseRoleArn(`arn:aws:iam::111111111111:role/${'n'.repeat(64)}`)).toBeDefined()
  })

  it.each(['aws-cn', 'aws-us-gov'])('takes a role of the partition %s', (partition) => {
    expect(parseRoleArn(`arn:${partition}:iam::111111111111:role/orders`)).toMatchObject({ partition })
  })

  it.each([
    ...['', '*', 'arn:aws:iam::111111111111:role/*', 'arn:aws:iam::111111111111:role/team/*/x'],
    ...['arn:aws:iam::111111111111:role/te?m/x', 'arn:aws:iam::*:role/orders', 'arn:aws:iam::111111111111:role/'],
    ...[`arn:aws:iam::111111111111:role/${'n'.repeat(65)}`, 'arn:aws:iam::111111111111:user/orders'],
    ...['arn:aws:iam::111111111111:root', 'arn:aws:sts::111111111111:assumed-role/orders/session'],
    ...[' arn:aws:iam::111111111111:role/orders'],
  ])('refuses %j', (text) => {
    expect(parseRoleArn(text)).toBeUndefined()
  })
})

describe('parseAssumedRole', () => {
  it('reads partition, account and name of the role, and not the session’s name', () => {
    expect(parseAssumedRole('arn:aws:sts::111111111111:assumed-role/orders/any@session')).toEqual({
      partition: 'aws',
      accountId: '111111111111',
      roleName: 'orders',
    })
  })

  it.each(['aws-cn', 'aws-us-gov'])('takes a session of the partition %s', (partition) => {
    expect(parseAssumedRole(`arn:${partition}:sts::111111111111:assumed-role/orders/s`)).toMatchObject({ partition })
  })

  it.each([
    ...['arn:aws:iam::111111111111:user/orders', 'arn:aws:iam::111111111111:root'],
    ...['arn:aws:iam::111111111111:role/orders', 'arn:aws:sts::111111111111:assumed-role/orders'],
    ...['arn:aws:sts::111111111111:assumed-role/orders/', 'arn:aws:sts::111111111111:assumed-role/x/orders/s'],
    ...['arn:aws:sts::111111111111:assumed-role/*/s', 'arn:aws:sts::111111111111:federated-user/orders'],
    ...['arn:aws:sts::11111111111:assumed-role/orders/s', ' arn:aws:sts::111111111111:assumed-role/orders/s'],
    ...['arn:aws:sts::111111111111:assumed-role/orders/s\n', ''],
  ])('refuses %j', (userArn) => {
    expect(parseAssumedRole(userArn)).toBeUndefined()
  })
})

describe('isSessionOf', () => {
  const session = { partition: 'aws', accountId: '111111111111', roleName: 'orders' }
  const role = { arn: 'arn:aws:iam::111111111111:role/team/orders', ...session }

  it('knows a role with a path by its name, since a session does not show the path', () => {
    expect(isSessionOf(role, session)).toBe(true)
  })

  it.each([
    { ...session, partition: 'aws-cn' },
    { ...session, accountId: '111111111112' },
    { ...session, roleName: 'Orders' },
    { ...session, roleName: 'orders2' },
    { ...session, roleName: 'team/orders' },
  ])('does not take %j for one of its sessions', (other) => {
    expect(isSessionOf(role, other)).toBe(false)
  })
})
