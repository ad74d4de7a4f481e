import { describe, expect, it } from 'vitest'
import { makeProvisioningId, type CreationRequest } from '#services/app1-provisioner/provisioning-id.ts'
import { provisioningIdPattern } from '#shared/contract.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { goodPassword } from '#test/support/requests.ts'

const key = new SecretValue('k'.repeat(32))

const request: CreationRequest = {
  requestedBy: 'arn:aws:iam::111111111111:role/orders',
  idempotencyKey: 'key-1',
  username: 'orders-worker',
  humanUserId: 'alice',
  password: new SecretValue(goodPassword),
}

const parts = (changes: Partial<CreationRequest> = {}, secret = key): { id: string; fp: string } => {
  const [, id = '', fp = ''] = makeProvisioningId(secret, { ...request, ...changes }).split('.')
  return { id, fp }
}

describe('a provisioning id', () => {
  it('is the documented HMAC: SHA-256 over length-prefixed fields, cut to 128 bits', () => {
    // Computed with Python: hmac.new(b'k'*32, b''.join(struct.pack('>I', len(f)) + f for f in fields), 'sha256').
    expect(makeProvisioningId(key, request)).toBe('v1.Chr0aFhCce-rAVXQGdbQeg.wnOI_RsPqPxWZmJR6lifVw')
  })

  it('has the form that the contract asks for, and is the same for the same request', () => {
    expect(makeProvisioningId(key, request)).toMatch(provisioningIdPattern)
    expect(makeProvisioningId(key, { ...request })).toBe(makeProvisioningId(key, request))
  })

  it.each([{ requestedBy: 'arn:aws:iam::111111111111:role/other' }, { idempotencyKey: 'key-2' }])(
    'another caller or key (%j) is another creation of the same thing',
    (change) => {
      expect(parts(change).id).not.toBe(parts().id)
      expect(parts(change).fp).toBe(parts().fp)
    },
  )

  it.each([{ humanUserId: 'bob' }, { password: new SecretValue(`${goodPassword}!`) }])(
    'another wish under the same key (%j) has another fingerprint',
    (change) => {
      expect(parts(change).id).toBe(parts().id)
      expect(parts(change).fp).not.toBe(parts().fp)
    },
  )

  it('a generated password is the same wish for the same role, and no other one’s', () => {
    const role = 'arn:aws:iam::123456789012:role/x'
    const generated = parts({ password: { deliverTo: role } })

    expect(parts({ password: { deliverTo: role } })).toEqual(generated)
    expect(generated.id).toBe(parts().id)
    expect(parts({ password: { deliverTo: `${role}2` } }).fp).not.toBe(generated.fp)
    expect(parts({ password: new SecretValue(role) }).fp).not.toBe(generated.fp)
  })

  it('another username changes both parts', () => {
    expect(parts({ username: 'other' }).id).not.toBe(parts().id)
    expect(parts({ username: 'other' }).fp).not.toBe(parts().fp)
  })

  it('fields cannot run into one another', () => {
    const left = parts({ requestedBy: 'ab', idempotencyKey: 'c' })
    const right = parts({ requestedBy: 'a', idempotencyKey: 'bc' })

    expect(left.id).not.toBe(right.id)
  })

  it('depends on the key, so that nobody without it can test a guess at the password', () => {
    expect(parts({}, new SecretValue('l'.repeat(32)))).not.toEqual(parts())
  })
})
