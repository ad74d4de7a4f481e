// Who signs requests on this machine: sessions of roles that are nowhere else, with credentials that end with the process.
import { routes } from '#shared/routes.ts'
import { invokePolicy, newSigningCredential, type SigningCredential } from '../emulators/gateway/signing-credential.ts'

/** App1's account, and that of everything else unless the pair has two. */
export const app1AccountId = '123456789012'
/** App2's, where it is another one. */
export const otherAccountId = '210987654321'

/** The roles that the local gateways know. */
export const localRoles = {
  /** On App1's list of callers, for everything. */
  caller: `arn:aws:iam::${app1AccountId}:role/local-caller`,
  /** On that list too, for reading alone. */
  reader: `arn:aws:iam::${app1AccountId}:role/local-reader`,
  /** May invoke App1, and is not on its list. */
  stranger: `arn:aws:iam::${app1AccountId}:role/local-stranger`,
  /** The one that generated passwords may be delivered to. It calls no API of the pair. */
  worker: `arn:aws:iam::${app1AccountId}:role/local-worker`,
  /** App1's own. */
  provisioner: `arn:aws:iam::${app1AccountId}:role/local-provisioner`,
  /** Of the same name, in the other account. */
  namesake: `arn:aws:iam::${otherAccountId}:role/local-provisioner`,
} as const

export type LocalRole = keyof typeof localRoles

/** The session of the role, as STS names it. */
export function sessionArn(role: LocalRole): string {
  const [, account, name] = /^arn:aws:iam::(\d+):role\/(.+)$/.exec(localRoles[role]) ?? []
  return `arn:aws:sts::${account}:assumed-role/${name}/local-session`
}

/** The one function that App1's role is used by here. */
export const app1FunctionArn = `arn:aws:lambda:us-east-1:${app1AccountId}:function:app1-provisioner`

/** Random credentials for a session of the role, which may invoke what `policies` says and nothing else. */
export function newLocalSigner(role: LocalRole): Required<SigningCredential> {
  return newSigningCredential({ arn: sessionArn(role), policy: invokePolicy(...policies[role]) })
}

const policies: Readonly<Record<LocalRole, readonly string[]>> = {
  caller: routes.app1.map(invocation),
  reader: routes.app1.map(invocation),
  stranger: ['*'],
  worker: [],
  namesake: ['*'],
  // The methods of App2 that App1's deployed role may invoke.
  provisioner: routes.app2.filter(({ access }) => access !== 'public' && 'principal' in access).map(invocation),
}

function invocation({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method}${path.replaceAll(/\{\w+\}/g, '*')}`
}
