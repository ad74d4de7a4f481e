import { describe, expect, it, vi } from 'vitest'
import { localRoles, sessionArn } from '#infra/local/local-signers.ts'
import { awsCredentials, provisionerSigner, toEnvironment } from '#infra/local/pair-credentials.ts'

function stub(variables: Record<string, string>): void {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, variables[name] ?? '')
}

const own = { AWS_ACCESS_KEY_ID: 'ASIAOWN', AWS_SECRET_ACCESS_KEY: 'own-secret' }

describe('awsCredentials', () => {
  it('are the operator’s own where there are any', () => {
    stub({ ...own, AWS_SESSION_TOKEN: 'own-token' })
    expect(awsCredentials('http://127.0.0.1:5000')).toEqual({ ...own, AWS_SESSION_TOKEN: 'own-token' })

    stub(own)
    expect(awsCredentials('http://127.0.0.1:5000')).toEqual(own)
  })

  it('are an emulator’s for the local AWS of the pair, whatever the operator has', () => {
    stub(own)

    expect(awsCredentials(undefined)).toEqual({ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' })
  })

  it('are an emulator’s where half of them is missing', () => {
    stub({ AWS_ACCESS_KEY_ID: 'ASIAOWN' })

    expect(awsCredentials('http://127.0.0.1:5000')).toEqual({
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    })
  })
})

describe('provisionerSigner', () => {
  it('signs with what App1 calls AWS with, with a session token or without', () => {
    const signer = provisionerSigner({ ...own, AWS_SESSION_TOKEN: 'own-token' })

    expect(signer).toMatchObject({ accessKeyId: 'ASIAOWN', secretAccessKey: 'own-secret', sessionToken: 'own-token' })
    expect(toEnvironment(signer)).toEqual({ ...own, AWS_SESSION_TOKEN: 'own-token' })
    expect(toEnvironment(provisionerSigner(own))).toEqual(own)
  })

  it('never signs with a secret that everybody knows', () => {
    const known = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }
    const [first, second] = [provisionerSigner(known), provisionerSigner(known)]

    expect(first.arn).toBe(sessionArn('provisioner'))
    expect(first.secretAccessKey).toMatch(/^[a-z0-9]{40}$/)
    expect(first.secretAccessKey).not.toBe(second.secretAccessKey)
  })

  it('may invoke the one method that App1 needs', () => {
    expect(JSON.stringify(provisionerSigner(own).policy)).toContain('*:*:*/*/POST/admin/create-user"')
    expect(localRoles.provisioner).not.toBe(localRoles.caller)
  })
})
