// Who signs requests on this machine: sessions of roles that are nowhere else, with credentials that end with the process.
import { routes } from '#shared/routes.ts'
import { invokePolicy, newSigningCredential, type SigningCredential } from '../emulators/gateway/signing-credential.ts'

const accountId = '123456789012'

/** The roles that the local gateways know. */
export const localRoles = {
  /** On App1's list of callers, for everything. */
  caller: `arn:aws:iam::${accountId}:role/local-caller`,
  /** On that list too, for reading alone. */
  reader: `arn:aws:iam::${accountId}:role/local-reader`,
  /** May invoke App1, and is not on its list. */
  stranger: `arn:aws:iam::${accountId}:role/local-stranger`,
  /** The one that generated passwords may be delivered to. It calls no API of the pair. */
  worker: `arn:aws:iam::${accountId}:role/local-worker`,
  /** App1's own. */
  provisioner: `arn:aws:iam::${accountId}:role/local-provisioner`,
} as const

export type LocalRole = keyof typeof localRoles

/** The session of the role, as STS names it. */
export function sessionArn(role: LocalRole): string {
  return `arn:aws:sts::${accountId}:assumed-role/local-${role}/local-session`
}

/** Random credentials for a session of the role, which may invoke what `policies` says and nothing else. */
export function newLocalSigner(role: LocalRole): Required<SigningCredential> {
  return newSigningCredential({ arn: sessionArn(role), policy: invokePolicy(...policies[role]) })
}

const policies: Readonly<Record<LocalRole, readonly string[]>> = {
  caller: routes.app1.map(invocation),
  reader: routes.app1.map(invocation),
  stranger: ['*'],
  worker: [],
  // The methods of App2 that App1's deployed role may invoke.
  provisioner: routes.app2.filter(({ access }) => access !== 'public' && 'principal' in access).map(invocation),
}

function invocation({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method}${path.replaceAll(/\{\w+\}/g, '*')}`
}
