// The modes in which App1 can authenticate to App2. Which are in use is configuration; nothing here chooses one.

/**
 * `password`: a machine user of the pool signs in (USER_PASSWORD_AUTH), and its group opens App2. `client-credentials`:
 * the machine's app client asks the pool's domain for a token (RFC 6749, section 4.4), and its scope does.
 * `client-token`: the same token by Cognito's GetClientToken, without a domain. `sigv4`: no token; each request is signed
 * with the rights of App1's role.
 */
export const machineAuthModes = ['password', 'client-credentials', 'client-token', 'sigv4'] as const

export type MachineAuth = (typeof machineAuthModes)[number]

/** The modes whose token carries a scope and names no user. */
export const scopeModes = ['client-credentials', 'client-token'] as const satisfies readonly MachineAuth[]
