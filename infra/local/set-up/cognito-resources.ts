// Makes Cognito's CloudFormation resource types by SDK calls; the properties are the API's but for the pool's name.
import {
  AttributeDataType,
  CreateGroupCommand,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DeletionProtectionType,
  ExplicitAuthFlowsType,
  OAuthFlowType,
  PreventUserExistenceErrorTypes,
  RecoveryOptionNameType,
  TimeUnitsType,
  UserPoolMfaType,
  UserPoolTierType,
} from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod/mini'
import { present, resourceType } from './resource-type.ts'

const recoveryMechanism = z.strictObject({ Name: z.enum(RecoveryOptionNameType), Priority: z.int() })

const passwordPolicy = z.strictObject({
  MinimumLength: z.int(),
  RequireUppercase: z.boolean(),
  RequireLowercase: z.boolean(),
  RequireNumbers: z.boolean(),
  RequireSymbols: z.boolean(),
  TemporaryPasswordValidityDays: z.int(),
})

const schemaAttribute = z.strictObject({
  Name: z.string(),
  AttributeDataType: z.enum(AttributeDataType),
  Mutable: z.boolean(),
  Required: z.boolean(),
  StringAttributeConstraints: z.strictObject({ MinLength: z.string(), MaxLength: z.string() }),
})

export const userPool = resourceType(
  z.strictObject({
    UserPoolName: z.string(),
    UserPoolTier: z.optional(z.enum(UserPoolTierType)),
    UsernameConfiguration: z.optional(z.strictObject({ CaseSensitive: z.boolean() })),
    AdminCreateUserConfig: z.optional(z.strictObject({ AllowAdminCreateUserOnly: z.boolean() })),
    MfaConfiguration: z.optional(z.enum(UserPoolMfaType)),
    AccountRecoverySetting: z.optional(z.strictObject({ RecoveryMechanisms: z.array(recoveryMechanism) })),
    Policies: z.optional(z.strictObject({ PasswordPolicy: passwordPolicy })),
    Schema: z.optional(z.array(schemaAttribute)),
    DeletionProtection: z.optional(z.enum(DeletionProtectionType)),
  }),
  async ({ UserPoolName, ...properties }, { cognito }) => {
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: UserPoolName, ...properties }))
    return { ref: present(UserPool?.Id, 'UserPool.Id'), attributes: { Arn: present(UserPool?.Arn, 'UserPool.Arn') } }
  },
)

export const userPoolGroup = resourceType(
  z.strictObject({ UserPoolId: z.string(), GroupName: z.string(), Description: z.optional(z.string()) }),
  async (properties, { cognito }) => {
    await cognito.send(new CreateGroupCommand(properties))
    return { ref: properties.GroupName, attributes: {} }
  },
)

// Newer than this version of the SDK, whose list of flows lacks it.
const authFlows: readonly unknown[] = [...Object.values(ExplicitAuthFlowsType), 'ALLOW_CLIENT_TOKEN_AUTH']
const authFlow = z.custom<ExplicitAuthFlowsType>((flow) => authFlows.includes(flow))

export const userPoolClient = resourceType(
  z.strictObject({
    UserPoolId: z.string(),
    ClientName: z.string(),
    GenerateSecret: z.optional(z.boolean()),
    ExplicitAuthFlows: z.optional(z.array(authFlow)),
    PreventUserExistenceErrors: z.optional(z.enum(PreventUserExistenceErrorTypes)),
    EnableTokenRevocation: z.optional(z.boolean()),
    AccessTokenValidity: z.optional(z.int()),
    IdTokenValidity: z.optional(z.int()),
    RefreshTokenValidity: z.optional(z.int()),
    TokenValidityUnits: z.optional(
      z.strictObject({
        AccessToken: z.enum(TimeUnitsType),
        IdToken: z.optional(z.enum(TimeUnitsType)),
        RefreshToken: z.optional(z.enum(TimeUnitsType)),
      }),
    ),
    AllowedOAuthFlowsUserPoolClient: z.optional(z.boolean()),
    AllowedOAuthFlows: z.optional(z.array(z.enum(OAuthFlowType))),
    AllowedOAuthScopes: z.optional(z.array(z.string())),
    ReadAttributes: z.optional(z.array(z.string())),
    WriteAttributes: z.optional(z.array(z.string())),
  }),
  async (properties, { cognito }) => {
    // The answer also holds the client's secret, which stays where it is until somebody needs it.
    const { UserPoolClient } = await cognito.send(new CreateUserPoolClientCommand(properties))
    return { ref: present(UserPoolClient?.ClientId, 'UserPoolClient.ClientId'), attributes: {} }
  },
)

export const userPoolResourceServer = resourceType(
  z.strictObject({
    UserPoolId: z.string(),
    Identifier: z.string(),
    Name: z.string(),
    Scopes: z.array(z.strictObject({ ScopeName: z.string(), ScopeDescription: z.string() })),
  }),
  async (properties, { cognito }) => {
    await cognito.send(new CreateResourceServerCommand(properties))
    return { ref: properties.Identifier, attributes: {} }
  },
)

export const userPoolDomain = resourceType(
  z.strictObject({ UserPoolId: z.string(), Domain: z.string() }),
  async (properties, { cognito }) => {
    await cognito.send(new CreateUserPoolDomainCommand(properties))
    return { ref: properties.Domain, attributes: {} }
  },
)
