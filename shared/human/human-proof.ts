// What is known of the human behind a request, and as a user keeps it: on the caller's word, or by an issuer's token.

/** `sub` and `jti` are the token's; the token itself is kept nowhere. */
export type HumanProof =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'verified'; readonly issuer: string; readonly sub: string; readonly jti: string | undefined }

export type Human = { readonly humanUserId: string; readonly proof: HumanProof }

const prefix = 'verified '

/** The value of the attribute `custom:human_proof`; undefined where there is none to write. */
export function writeProof(proof: HumanProof): string | undefined {
  return proof.kind === 'verified' ? `${prefix}${proof.issuer}` : undefined
}

/** What the attribute says; anything but what `writeProof` gives is a claim. */
export function readProof(attribute: string | undefined): {
  readonly human_proof: HumanProof['kind']
  readonly human_issuer?: string
} {
  if (attribute?.startsWith(prefix) !== true || attribute.length === prefix.length) return { human_proof: 'claimed' }
  return { human_proof: 'verified', human_issuer: attribute.slice(prefix.length) }
}
