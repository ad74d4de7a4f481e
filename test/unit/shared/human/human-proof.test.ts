import { describe, expect, it } from 'vitest'
import { readProof, writeProof } from '#shared/human/human-proof.ts'

const issuer = 'https://idp.example.com'

describe('the proof of a human that a user keeps', () => {
  it('is the issuer of a verified token, and nothing where the human was claimed', () => {
    expect(writeProof({ kind: 'verified', issuer, sub: 's', jti: 'j' })).toBe('verified https://idp.example.com')
    expect(writeProof({ kind: 'claimed' })).toBeUndefined()
  })

  it('is read as it was written', () => {
    expect(readProof(`verified ${issuer}`)).toEqual({ human_proof: 'verified', human_issuer: issuer })
  })

  it.each([undefined, '', 'verified', 'verified ', `claimed ${issuer}`, ` verified ${issuer}`, `Verified ${issuer}`])(
    '%j is none',
    (attribute) => {
      expect(readProof(attribute)).toEqual({ human_proof: 'claimed' })
    },
  )
})
