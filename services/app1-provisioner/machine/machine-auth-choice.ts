// How App1 is configured to prove to App2 who it is; it never chooses for the operator, and never falls back to another way.
import { ConfigurationError, oneOf, readEnvironment, type Environment, type Variable } from '#shared/env.ts'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'
import { parseTokenEndpoint, tokenEndpointProblem } from '#shared/machine/token-endpoint.ts'

export type MachineAuthChoice =
  | { readonly mode: Exclude<MachineAuth, 'client-credentials'> }
  | { readonly mode: 'client-credentials'; readonly tokenEndpoint: URL }

/** Which of them must be there depends on the choice: see `readMachineAuth`. */
export const machineAuthVariables: {
  readonly MACHINE_AUTH: Variable<MachineAuth>
  readonly TOKEN_ENDPOINT: Variable<URL | undefined>
} = {
  MACHINE_AUTH: {
    description:
      'How App1 authenticates to App2: `password` (a machine user signs in), `client-credentials` (an app client at the pool’s domain), `client-token` (an app client by GetClientToken) or `sigv4` (the role’s signature).',
    parse: oneOf(...machineAuthModes),
    fallback: 'password',
  },
  TOKEN_ENDPOINT: {
    description:
      'Full URL of the pool domain’s `/oauth2/token`. Required with `MACHINE_AUTH=client-credentials`. https; http only for a loopback address outside Lambda.',
    parse: parseTokenEndpoint,
    fallback: undefined,
  },
}

/** Throws one ConfigurationError that lists everything that is missing, not valid or out of place. */
export function readMachineAuth(environment: Environment): MachineAuthChoice {
  const { MACHINE_AUTH: mode, TOKEN_ENDPOINT: tokenEndpoint } = readEnvironment(environment, machineAuthVariables)
  if (mode !== 'client-credentials') {
    // Left over, or set in the belief that it does something.
    if (tokenEndpoint !== undefined)
      throw new ConfigurationError([`TOKEN_ENDPOINT is set, but MACHINE_AUTH is ${mode}`])
    return { mode }
  }
  if (tokenEndpoint === undefined) throw new ConfigurationError(['TOKEN_ENDPOINT is missing'])
  const problem = tokenEndpointProblem(tokenEndpoint, environment)
  if (problem !== undefined) throw new ConfigurationError([problem])
  return { mode, tokenEndpoint }
}
