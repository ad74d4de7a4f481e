// What the tests of client secrets add to the bench: the client's part of the machine secret, and what Cognito makes of it.
import { GetClientTokenCommand, ListUserPoolClientSecretsCommand } from '@aws-sdk/client-cognito-identity-provider'
import type { TemplateChoice } from '#infra/local/set-up/apply-templates.ts'
import { rotateSecret } from '#infra/local/set-up/rotate-secret.ts'
import type { RotationStep } from '#services/credential-rotation/rotation-event.ts'
import { createRotationHandler, type RotationDeps } from '#services/credential-rotation/rotation-handler.ts'
import type { SecretStore } from '#services/credential-rotation/secret-store.ts'
import type { RotationBench } from './rotation-bench.ts'

export type StoredClient = Readonly<
  Record<'scope_client_id' | 'scope_client_secret' | 'scope_client_secret_id', string>
>

export const clientToken = { accepted: ['client-token'], app2Authorizer: 'lambda' } as const satisfies TemplateChoice
export const both = {
  accepted: ['password', 'client-token'],
  app2Authorizer: 'lambda',
} as const satisfies TemplateChoice

export async function storedClient(bench: RotationBench, stage?: string): Promise<StoredClient> {
  return (await bench.stored(stage)) as unknown as StoredClient
}

/** `issued`, or what Cognito refuses with, by the way that the bench's client is made for. */
export async function tokenBy({ cognito, provisioned }: RotationBench, stored: StoredClient): Promise<string> {
  const { scope_client_id: ClientId, scope_client_secret: Secret } = stored
  const scope = 'app2/users.create'
  if (provisioned.tokenEndpoint === undefined) {
    return cognito.send(new GetClientTokenCommand({ ClientId, Secret, Scopes: [scope] })).then(
      () => 'issued',
      (error: unknown) => (error as Error).name,
    )
  }
  const response = await fetch(provisioned.tokenEndpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${ClientId}:${Secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  })
  const answer = (await response.json()) as { readonly error?: string }
  return answer.error ?? 'issued'
}

export function client({ provisioned }: RotationBench): { UserPoolId: string; ClientId: string } {
  return { UserPoolId: provisioned.userPoolId, ClientId: provisioned.machineScopeClientId ?? '' }
}

export async function secretIds(bench: RotationBench): Promise<string[]> {
  const { ClientSecrets = [] } = await bench.cognito.send(new ListUserPoolClientSecretsCommand(client(bench)))
  return ClientSecrets.map(({ ClientSecretId = '' }) => ClientSecretId)
}

/** One rotation, each step of it by a function with the dependencies of that step; what was left pending is taken up again. */
export async function rotateWith(
  bench: RotationBench,
  depsAt: (step: RotationStep) => RotationDeps,
  storeAt: (step: RotationStep, store: SecretStore) => SecretStore = (_, store) => store,
): Promise<void> {
  await rotateSecret({
    secretArn: bench.provisioned.machineSecretArn,
    store: bench.deps().store,
    createFunction: (store) => async (event, context) => {
      const { Step } = event as { Step: RotationStep }
      await createRotationHandler({ ...depsAt(Step), store: storeAt(Step, store) })(event, context)
    },
  })
}
