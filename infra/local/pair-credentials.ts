// The AWS credentials of a local pair and of its App1; it makes none that are good at AWS.
import type { PrincipalOption } from '../emulators/aws/principal.ts'
import type { SigningCredential } from '../emulators/gateway/signing-credential.ts'
import { app1FunctionArn, localRoles, newLocalSigner } from './local-signers.ts'

const emulatorCredentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' } as const

/**
 * The operator's own for an endpoint that was named, since it may check them. The local AWS that a pair starts takes
 * whatever it is given, and is given none that are good elsewhere.
 */
export function awsCredentials(awsEndpoint: string | undefined): Record<string, string> {
  if (awsEndpoint === undefined) return emulatorCredentials
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return emulatorCredentials
  return { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...(AWS_SESSION_TOKEN && { AWS_SESSION_TOKEN }) }
}

/** What App1 signs with: the credentials that it calls AWS with, where an endpoint may check them, else random ones. */
export function provisionerSigner(credentials: Readonly<Record<string, string>>): SigningCredential {
  const signer = newLocalSigner('provisioner')
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = credentials
  if (AWS_ACCESS_KEY_ID === emulatorCredentials.AWS_ACCESS_KEY_ID) return signer
  return {
    arn: signer.arn,
    policy: signer.policy,
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  }
}

/** Who has a role to authenticate to App2 by: to sign requests where IAM guards its admin routes, or to be given tokens of STS. */
export type App2Signers = {
  /** App1. */
  readonly provisioner: SigningCredential
  /** A role that may invoke App1 and not App2. */
  readonly caller: SigningCredential
  /** A role that IAM lets in everywhere; App2 does not know it. */
  readonly stranger: SigningCredential
  /** A role of another account, named as App1's. */
  readonly namesake: SigningCredential
}

/** `credentials` as for `provisionerSigner`; the others' are random. */
export function newApp2Signers(credentials: Readonly<Record<string, string>>): App2Signers {
  return {
    provisioner: provisionerSigner(credentials),
    caller: newLocalSigner('caller'),
    stranger: newLocalSigner('stranger'),
    namesake: newLocalSigner('namesake'),
  }
}

/** The same for local AWS, whose STS gives tokens to roles alone. App1's has the permissions that it has when it is deployed. */
export function stsPrincipals(signers: App2Signers): Map<string, PrincipalOption> {
  const { provisioner, caller, stranger, namesake } = signers
  return new Map<string, PrincipalOption>([
    [
      provisioner.accessKeyId,
      { roleArn: localRoles.provisioner, sourceFunctionArn: app1FunctionArn, identityPolicy: app1Policy },
    ],
    [caller.accessKeyId, localRoles.caller],
    [stranger.accessKeyId, localRoles.stranger],
    [namesake.accessKeyId, localRoles.namesake],
  ])
}

/** Those that ask for generated passwords, for local AWS. Each may read by its own policy what the secret's lets it. */
export function readerPrincipals({
  worker,
  stranger,
}: Readonly<Record<'worker' | 'stranger', SigningCredential>>): [accessKeyId: string, role: PrincipalOption][] {
  const identityPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: 'arn:aws:secretsmanager:*:*:secret:latchkey-*/service-users/*',
      },
    ],
  }
  return [
    [worker.accessKeyId, { roleArn: localRoles.worker, identityPolicy }],
    [stranger.accessKeyId, { roleArn: localRoles.stranger, identityPolicy }],
  ]
}

/** Of that what local AWS evaluates. A secret's name is not known before it is made. */
const app1Policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['sts:GetWebIdentityToken', 'sts:TagGetWebIdentityToken'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: 'arn:aws:secretsmanager:*:*:secret:latchkey-*-MachineSecret-*',
    },
  ],
}

/** The same credentials as variables for the SDK. */
export function toEnvironment({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: SigningCredential): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  }
}
