import { expect, it } from 'vitest'
import { readConfig } from '#services/app2-accounts/check-users/config.ts'

const environment = { AWS_REGION: 'eu-west-1', USER_POOL_ID: 'eu-west-1_abc' }
const reader = 'arn:aws:iam::111111111111:role/reader'

it.each([
  [undefined, []],
  ['', []],
  [`${reader}, ${reader}2`, [reader, `${reader}2`]],
])('the readers %j are read', (PASSWORD_READERS, passwordReaders) => {
  expect(readConfig({ ...environment, PASSWORD_READERS })).toEqual({
    region: 'eu-west-1',
    userPoolId: 'eu-west-1_abc',
    access: { from: 'authorizer' },
    passwordReaders,
  })
})

it.each([`${reader},${reader}`, `${reader},`, '*', 'arn:aws:iam::111111111111:role/*'])('%s is refused', (readers) => {
  expect(() => readConfig({ PASSWORD_READERS: readers })).toThrow(
    'Configuration refused: AWS_REGION is missing; USER_POOL_ID is missing; PASSWORD_READERS is not valid',
  )
})
