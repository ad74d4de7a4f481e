// The AWS of a local pair: an emulator of its own, which knows roles by their access keys, or one that somebody named.
import type { PairModes } from '../deploy/modes.ts'
import type { PrincipalOption } from '../emulators/aws/principal.ts'
import { startLocalAws, type LocalAws } from '../emulators/aws/server.ts'
import { app1AccountId, localRoles, newLocalSigner, otherAccountId } from './local-signers.ts'
import type { Pair, PairOptions } from './pair.ts'
import { newApp2Signers, readerPrincipals, stsPrincipals } from './pair-credentials.ts'
import { app1OperatorPrincipal } from './two-accounts.ts'

export type PairAws = Pick<Pair, 'accounts' | 'app2Signers' | 'readers'> & {
  readonly url: string
  /** Where it is the pair's own. */
  readonly local: LocalAws | undefined
  /** As whom STS signs tokens for App1's role, where it does. */
  readonly stsIssuer: string | undefined
  close(): Promise<void>
}

/** Throws RangeError for what an AWS that somebody named cannot have: roles of ours, and two accounts. */
export async function openAws(
  options: PairOptions,
  modes: PairModes,
  { credentials, region }: { readonly credentials: Readonly<Record<string, string>>; readonly region: string },
): Promise<PairAws> {
  const { awsEndpoint, sts, twoAccounts = false } = options
  const isOwn = awsEndpoint === undefined
  const hasStsTokens = modes.accepted.includes('sts-token')
  if (twoAccounts && (modes.jobs || !isOwn)) {
    throw new RangeError(
      'two accounts are those of the local AWS that the pair starts, whose tables and queues have one',
    )
  }
  if (hasStsTokens && !isOwn && sts === undefined) {
    throw new RangeError('sts-token works with the local AWS that the pair starts')
  }
  const accounts = { app1: app1AccountId, app2: twoAccounts ? otherAccountId : app1AccountId }
  const hasRoles = hasStsTokens || twoAccounts
  const ownSigners = modes.accepted.includes('sigv4') || hasRoles ? newApp2Signers(credentials) : undefined
  const app2Signers = hasStsTokens && !isOwn ? sts?.signers : ownSigners
  if (!isOwn) {
    const stsIssuer = hasStsTokens ? sts?.issuer : undefined
    const close = (): Promise<void> => Promise.resolve()
    return { url: awsEndpoint, local: undefined, accounts, app2Signers, readers: undefined, stsIssuer, close }
  }
  const readers = modes.passwordReaders.includes(localRoles.worker)
    ? { worker: newLocalSigner('worker'), stranger: newLocalSigner('stranger') }
    : undefined
  const local = await startLocalAws({
    tables: modes.jobs,
    queues: modes.jobs,
    ...options.localAws,
    accountId: accounts.app2,
    principals: new Map<string, PrincipalOption>([
      ...(readers ? readerPrincipals(readers) : []),
      ...(app2Signers && hasRoles ? stsPrincipals(app2Signers) : []),
      ...(twoAccounts ? [app1OperatorPrincipal] : []),
      ...(options.localAws?.principals ?? []),
    ]),
    region,
    port: options.ports?.aws ?? 0,
  })
  const stsIssuer = hasStsTokens ? enableWebIdentity(local) : undefined
  return { url: local.url, local, accounts, app2Signers, readers, stsIssuer, close: () => local.close() }
}

/** In both accounts, so that a refusal of the other one is App2's. */
function enableWebIdentity(aws: LocalAws): string {
  aws.enableWebIdentity(otherAccountId)
  return aws.enableWebIdentity(app1AccountId)
}
