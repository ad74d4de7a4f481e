// Cognito, KMS and Secrets Manager that make whatever they are asked for, in an account and a partition of their own.
import {
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { CreateAliasCommand, CreateKeyCommand, EnableKeyRotationCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { AwsClientStub } from 'aws-sdk-client-mock'
import { beforeEach } from 'vitest'
import { mockClient } from '#test/support/mock-client.ts'

type MockedAws = {
  readonly cognito: AwsClientStub<CognitoIdentityProviderClient>
  readonly kms: AwsClientStub<KMSClient>
  readonly secrets: AwsClientStub<SecretsManagerClient>
}

export const keyArn = 'arn:aws-cn:kms:cn-north-1:999999999999:key/k-1'

/** For the top level of a test file; before each test, calls and answers are those of a new account. */
export function mockAws(): MockedAws {
  const mocks = {
    cognito: mockClient(CognitoIdentityProviderClient),
    kms: mockClient(KMSClient),
    secrets: mockClient(SecretsManagerClient),
  }
  beforeEach(() => {
    for (const mock of Object.values(mocks)) mock.reset()
    answerEverything(mocks)
  })
  return mocks
}

function answerEverything({ cognito, kms, secrets }: MockedAws): void {
  cognito.on(CreateUserPoolCommand).resolves({
    UserPool: { Id: 'cn-north-1_abc', Arn: 'arn:aws-cn:cognito-idp:cn-north-1:999999999999:userpool/cn-north-1_abc' },
  })
  cognito.on(CreateGroupCommand).resolves({})
  cognito
    .on(CreateUserPoolClientCommand, { ClientName: 'machine' })
    .resolves({ UserPoolClient: { ClientId: 'machine-id', ClientSecret: 'machine-secret' } })
  cognito
    .on(CreateUserPoolClientCommand, { ClientName: 'service' })
    .resolves({ UserPoolClient: { ClientId: 'service-id', ClientSecret: 'service-secret' } })
  kms.on(CreateKeyCommand).resolves({ KeyMetadata: { KeyId: 'k-1', Arn: keyArn } })
  kms.on(EnableKeyRotationCommand).resolves({})
  kms.on(CreateAliasCommand).resolves({})
  secrets.on(CreateSecretCommand).resolves({ ARN: 'secret-arn' })
}
