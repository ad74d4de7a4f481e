// The operator's own AWS credentials and Region, found where the AWS CLI finds them; it keeps and shows none of them.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { fromEnv, fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { Environment } from '#shared/env.ts'
import { reasonOf, safeMessage } from './reason.ts'

/** As the configuration of an SDK client takes it. */
export type CredentialProvider = ReturnType<typeof fromIni>

export type AccessDeps = {
  /** Of the SDK clients that the SDK itself makes, to assume a role or to renew a session. */
  readonly requestHandler: object
  /** Absent where there is no terminal to ask on. */
  readonly askMfaCode?: ((serialNumber: string) => Promise<string>) | undefined
}

/**
 * Credentials of the environment first, as with the AWS CLI; the SDK would take the profile. A profile that is named is
 * the only other source: nothing is signed as somebody else because its name is misspelt or its session has ended.
 * Without one it is the SDK's default chain. Throws an error with the SDK's own name and, as `safeMessage` has it, words.
 */
export function operatorCredentials(environment: Environment, deps: AccessDeps): CredentialProvider {
  const reasons = new Set<string>()
  const provider = createProvider(environment, deps, (reason) => reasons.add(reason))
  return async (context) => {
    reasons.clear()
    try {
      return await provider(context)
    } catch (error) {
      throw new CredentialsError(error, reasons)
    }
  }
}

/** Its `name` is that of the SDK's error. */
export class CredentialsError extends Error {
  constructor(cause: unknown, reasons: Iterable<string>) {
    const { name, message = '' } = reasonOf(cause)
    // The default chain ends with a sentence that names no reason; each provider gave its own before.
    super([message, ...[...reasons].filter((reason) => reason !== message)].join('; '))
    this.name = name
  }
}

/** The Region that the AWS CLI would use, or undefined. */
export async function operatorRegion(environment: Environment): Promise<string | undefined> {
  const named = firstOf(environment, 'AWS_REGION', 'AWS_DEFAULT_REGION')
  if (named !== undefined) return named
  const profile = profileOf(environment)
  return new SecretsManagerClient(profile === undefined ? {} : { profile }).config.region().catch(() => undefined)
}

/** As with the AWS CLI; the SDK knows the second alone. */
export function profileOf(environment: Environment): string | undefined {
  return firstOf(environment, 'AWS_DEFAULT_PROFILE', 'AWS_PROFILE')
}

/** An empty variable is no variable. */
function firstOf(environment: Environment, ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
}

function createProvider(
  environment: Environment,
  { requestHandler, askMfaCode }: AccessDeps,
  onReason: (reason: string) => void,
): CredentialProvider {
  if (environment['AWS_ACCESS_KEY_ID'] && environment['AWS_SECRET_ACCESS_KEY']) return fromEnv()
  const profile = profileOf(environment)
  const init = { clientConfig: { requestHandler }, ...(askMfaCode && { mfaCodeProvider: askMfaCode }) }
  if (profile !== undefined) return fromIni({ ...init, profile })
  const ignore = (): void => undefined
  const debug = (line: unknown): void => {
    const [, reason] = /^@smithy\/property-provider \S+ ([^]*)$/.exec(String(line)) ?? []
    if (reason !== undefined && !isOfNoConcern(reason)) onReason(safeMessage(reason))
  }
  return fromNodeProviderChain({ ...init, logger: { debug, info: ignore, warn: ignore, error: ignore } })
}

/** Of the providers that had nothing to try. */
function isOfNoConcern(reason: string): boolean {
  return /^(Skipping |Unable to find environment|Web identity configuration not|Profile \S+ did not contain)/.test(
    reason,
  )
}
