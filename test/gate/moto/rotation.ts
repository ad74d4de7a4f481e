// One rotation of the machine secret by the deployed function's own code, begun by Secrets Manager's RotateSecret.
import { GetSecretValueCommand, RotateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import type { LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { signIn } from '#infra/local/sign-in.ts'
import { rotationSteps } from '#services/credential-rotation/rotation-handler.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

/**
 * Resolves once the version that this rotation made is the current one. RotateSecret stages an empty version and calls
 * the function, as on AWS; moto's own call of it runs nothing, so the four steps are called here.
 */
export async function rotateOnce(deps: {
  readonly secrets: SecretsManagerClient
  readonly secretArn: string
  readonly functionArn: string
  readonly invoke: LambdaFunction
}): Promise<void> {
  const { secrets, secretArn: SecretId, functionArn, invoke } = deps
  const version = randomUUID()
  await secrets.send(
    new RotateSecretCommand({
      SecretId,
      ClientRequestToken: version,
      RotationLambdaARN: functionArn,
      // moto says that rotation is enabled for an interval in days alone, and not for the template's `rate(30 days)`.
      RotationRules: { AutomaticallyAfterDays: 30 },
    }),
  )
  for (const Step of rotationSteps) await invoke({ Step, SecretId, ClientRequestToken: version })
  const { VersionId } = await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }))
  if (VersionId !== version) throw new Error('the version that the rotation made is not the current one')
}

const stored = z.object({ username: z.string(), password: z.string() })

/** An access token of the machine user that the secret names. Rejects with what Cognito answers else. */
export async function signInAsMachine(
  { cognito, secrets }: Pick<Clients, 'cognito' | 'secrets'>,
  where: { readonly secretArn: string; readonly userPoolId: string; readonly clientId: string },
): Promise<SecretValue> {
  const { secretArn: SecretId, userPoolId, clientId } = where
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSCURRENT' }))
  const { username, password } = stored.parse(JSON.parse(SecretString ?? ''))
  return signIn(cognito, { userPoolId, clientId, username, password: new SecretValue(password) })
}
