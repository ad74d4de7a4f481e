import { describe, expect, it } from 'vitest'
import { readCipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import { ConfigurationError, type Environment } from '#shared/env.ts'
import { keyArn, localKeyBase64, thrownBy } from './fixtures.ts'

const local = { PASSWORD_CIPHER: 'aes-256-gcm', LATCHKEY_UNSAFE_LOCAL_CIPHER: '1', LOCAL_CIPHER_KEY: localKeyBase64 }

function problemsOf(environment: Environment): readonly string[] {
  const error = thrownBy(() => readCipherChoice(environment))
  expect(error).toBeInstanceOf(ConfigurationError)
  return (error as ConfigurationError).problems
}

describe('the choice of KMS', () => {
  it.each([
    ['by name', { PASSWORD_CIPHER: 'kms', KMS_KEY_ARN: keyArn }],
    ['by silence', { KMS_KEY_ARN: keyArn }],
    ['by name, inside Lambda', { PASSWORD_CIPHER: 'kms', KMS_KEY_ARN: keyArn, AWS_LAMBDA_FUNCTION_NAME: 'app1' }],
  ])('is made %s', (_, environment) => {
    expect(readCipherChoice(environment)).toEqual({ cipher: 'kms', keyArn })
  })

  it.each([
    keyArn.replace('arn:aws:', 'arn:aws-us-gov:').replace('eu-west-1', 'us-gov-west-1'),
    keyArn.replace('key/', 'key/mrk-'),
  ])('takes the key ARN %s', (arn) => {
    expect(readCipherChoice({ KMS_KEY_ARN: arn })).toEqual({ cipher: 'kms', keyArn: arn })
  })

  it.each([
    ['an alias', keyArn.replace(/key\/.*/, 'alias/latchkey')],
    ['a bare key id', '1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['another service', keyArn.replace(':kms:', ':s3:')],
    ['a wildcard', keyArn.replace(/key\/.*/, 'key/*')],
    ['text behind', `${keyArn} `],
  ])('refuses %s in the place of the key ARN', (_, arn) => {
    expect(problemsOf({ KMS_KEY_ARN: arn })).toEqual(['KMS_KEY_ARN is not valid'])
  })

  it('wants a key, and refuses what belongs to the local cipher, all at once', () => {
    expect(problemsOf({ ...local, PASSWORD_CIPHER: 'kms' })).toEqual([
      'KMS_KEY_ARN is missing',
      'LATCHKEY_UNSAFE_LOCAL_CIPHER is set, but PASSWORD_CIPHER is kms',
      'LOCAL_CIPHER_KEY is set, but PASSWORD_CIPHER is kms',
    ])
  })

  it('is not made beside a key for the local cipher', () => {
    expect(problemsOf({ KMS_KEY_ARN: keyArn, LOCAL_CIPHER_KEY: localKeyBase64 })).toEqual([
      'LOCAL_CIPHER_KEY is set, but PASSWORD_CIPHER is kms',
    ])
  })
})

describe('the choice of the local cipher', () => {
  it('is made with the switch and a key', () => {
    const choice = readCipherChoice(local)

    expect(choice).toMatchObject({ cipher: 'aes-256-gcm' })
    expect(choice.cipher === 'aes-256-gcm' && choice.key.expose()).toBe(localKeyBase64)
  })

  it('never shows its key', () => {
    expect(JSON.stringify(readCipherChoice(local))).toBe('{"cipher":"aes-256-gcm","key":"[redacted]"}')
  })

  it.each(['LATCHKEY_UNSAFE_LOCAL_CIPHER', 'LOCAL_CIPHER_KEY'])('is not made without %s', (name) => {
    expect(problemsOf({ ...local, [name]: undefined })).toEqual([`${name} is missing`])
  })

  it.each(['AWS_LAMBDA_FUNCTION_NAME', 'LAMBDA_TASK_ROOT'])('is refused inside Lambda, known by %s', (name) => {
    expect(problemsOf({ ...local, [name]: 'create-user' })).toEqual([
      'PASSWORD_CIPHER=aes-256-gcm is refused inside Lambda',
    ])
  })

  it('lists everything that is wrong at once', () => {
    expect(problemsOf({ PASSWORD_CIPHER: 'aes-256-gcm', LAMBDA_TASK_ROOT: '/var/task' })).toEqual([
      'PASSWORD_CIPHER=aes-256-gcm is refused inside Lambda',
      'LATCHKEY_UNSAFE_LOCAL_CIPHER is missing',
      'LOCAL_CIPHER_KEY is missing',
    ])
  })

  it.each(['0', 'true', 'yes', '11'])('does not take %o for the switch', (text) => {
    expect(problemsOf({ ...local, LATCHKEY_UNSAFE_LOCAL_CIPHER: text })).toEqual([
      'LATCHKEY_UNSAFE_LOCAL_CIPHER is not valid',
    ])
  })

  it.each([
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['33 bytes', Buffer.alloc(33).toString('base64')],
    ['32 bytes without padding', localKeyBase64.slice(0, -1)],
    ['a last character with bits to spare', `${'A'.repeat(42)}B=`],
    ['base64url', `${'_'.repeat(42)}8=`],
    ['text in front of it', `A${localKeyBase64}`],
    ['text behind it', `${localKeyBase64}A`],
  ])('does not take %s for the key', (_, text) => {
    expect(problemsOf({ ...local, LOCAL_CIPHER_KEY: text })).toEqual(['LOCAL_CIPHER_KEY is not valid'])
  })
})

describe('the choice of a cipher', () => {
  it.each(['aes-256-cbc', 'KMS', 'none', 'toString'])('does not know %s', (name) => {
    expect(problemsOf({ PASSWORD_CIPHER: name, KMS_KEY_ARN: keyArn })).toEqual(['PASSWORD_CIPHER is not valid'])
  })
})
