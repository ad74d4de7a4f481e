// The test pool's signing key, and one that only says it is: made once, since a key pair takes 100 ms.
import { createSigner } from './tokens.ts'

/** The pool's key for access tokens. */
export const poolKey = createSigner('pool-key-1')
/** A key of nobody's, under the id of the pool's. */
export const forgedKey = createSigner('pool-key-1')
