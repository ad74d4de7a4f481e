// CreateUserPool and what reads and deletes pools; a feature that local Cognito cannot honour is refused, not ignored.
import * as z from 'zod/mini'
import { integer, stringMap, text } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { paginate } from '../pagination.ts'
import { alphanumerics, randomText } from '../../random-text.ts'
import { declareAttributes, describeAttribute } from './attributes.ts'
import { invalid, notImplemented } from './errors.ts'
import { defaultPasswordPolicy, type PasswordPolicy } from './password-policy.ts'
import * as shapes from './shapes.ts'
import { lazySigningKeys } from './signing-keys.ts'
import { findUserPool, timestamp, type CognitoState, type UserPool } from './state.ts'

const boolean = z.optional(z.boolean())

const passwordPolicy = z.object({
  MinimumLength: z.optional(integer({ min: 6, max: 99 })),
  RequireUppercase: boolean,
  RequireLowercase: boolean,
  RequireNumbers: boolean,
  RequireSymbols: boolean,
  PasswordHistorySize: z.optional(integer({ min: 0, max: 24 })),
  TemporaryPasswordValidityDays: z.optional(integer({ min: 0, max: 365 })),
})

// https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
const mostAttributes = 50

const schemaAttribute = z.object({
  Name: z.optional(shapes.schemaAttributeName),
  AttributeDataType: z.optional(z.enum(['String', 'Number', 'DateTime', 'Boolean'])),
  DeveloperOnlyAttribute: boolean,
  Mutable: boolean,
  Required: boolean,
  StringAttributeConstraints: z.optional(
    z.object({ MinLength: z.optional(z.string()), MaxLength: z.optional(z.string()) }),
  ),
  NumberAttributeConstraints: z.optional(
    z.object({ MinValue: z.optional(z.string()), MaxValue: z.optional(z.string()) }),
  ),
})

/** Settings that change nothing on one machine (messages, recovery, tags): taken, and given back as they are. */
const inertSettings = z.object({
  AccountRecoverySetting: z.optional(z.unknown()),
  AdminCreateUserConfig: z.optional(
    z.looseObject({ AllowAdminCreateUserOnly: boolean, UnusedAccountValidityDays: z.optional(z.int()) }),
  ),
  AutoVerifiedAttributes: z.optional(z.array(z.enum(['phone_number', 'email']))),
  DeletionProtection: z.optional(z.enum(['ACTIVE', 'INACTIVE'])),
  DeviceConfiguration: z.optional(z.unknown()),
  EmailConfiguration: z.optional(z.unknown()),
  EmailVerificationMessage: z.optional(z.string()),
  EmailVerificationSubject: z.optional(z.string()),
  KeyConfiguration: z.optional(z.unknown()),
  MfaConfiguration: z.optional(z.enum(['OFF', 'ON', 'OPTIONAL'])),
  SmsAuthenticationMessage: z.optional(z.string()),
  SmsConfiguration: z.optional(z.unknown()),
  SmsVerificationMessage: z.optional(z.string()),
  UserAttributeUpdateSettings: z.optional(z.unknown()),
  UserPoolTags: z.optional(stringMap),
  UserPoolTier: z.optional(z.enum(['LITE', 'ESSENTIALS', 'PLUS'])),
  UsernameConfiguration: z.optional(z.object({ CaseSensitive: z.boolean() })),
  VerificationMessageTemplate: z.optional(z.unknown()),
})

const createUserPool = z.extend(inertSettings, {
  PoolName: shapes.resourceName,
  Policies: z.optional(z.object({ PasswordPolicy: z.optional(passwordPolicy), SignInPolicy: z.optional(z.unknown()) })),
  Schema: z.optional(z.array(schemaAttribute).check(z.minLength(1), z.maxLength(mostAttributes))),
  AliasAttributes: z.optional(z.array(z.string())),
  UsernameAttributes: z.optional(z.array(z.string())),
  LambdaConfig: z.optional(z.record(z.string(), z.unknown())),
  UserPoolAddOns: z.optional(z.object({ AdvancedSecurityMode: z.string() })),
  IssuerConfiguration: z.optional(z.object({ Type: z.optional(z.string()) })),
})

type CreateUserPoolInput = z.infer<typeof createUserPool>

export function userPoolOperations(state: CognitoState): OperationTable {
  return {
    CreateUserPool: shapes.cognitoOperation(createUserPool, (input) => {
      const pool = makeUserPool(state, input)
      state.pools.set(pool.id, pool)
      return { UserPool: describe(pool) }
    }),

    DescribeUserPool: shapes.cognitoOperation(z.object({ UserPoolId: shapes.userPoolId }), ({ UserPoolId }) => ({
      UserPool: describe(findUserPool(state, UserPoolId)),
    })),

    DeleteUserPool: shapes.cognitoOperation(z.object({ UserPoolId: shapes.userPoolId }), ({ UserPoolId }) => {
      const pool = findUserPool(state, UserPoolId)
      if (pool.deletionProtected)
        throw invalid('The user pool cannot be deleted because deletion protection is activated.')
      if ([...state.domains.values()].includes(pool.id)) {
        throw invalid('User pool cannot be deleted. It has a domain configured that should be deleted first.')
      }
      state.pools.delete(pool.id)
      for (const { id, poolId } of state.clients.values()) if (poolId === pool.id) state.clients.delete(id)
      return {}
    }),

    ListUserPools: shapes.cognitoOperation(
      z.object({
        MaxResults: integer({ min: 1, max: 60 }),
        NextToken: z.optional(text({ min: 1, pattern: '[\\S]+' })),
      }),
      ({ MaxResults, NextToken }) => {
        const page = paginate({
          list: ['pools'],
          items: [...state.pools.values()],
          limit: MaxResults,
          token: NextToken,
        })
        return { UserPools: page.items.map((pool) => summarise(pool)), NextToken: page.nextToken }
      },
    ),
  }
}

function makeUserPool(state: CognitoState, input: CreateUserPoolInput): UserPool {
  refuseUnsupported(input)
  const id = `${state.region}_${randomText({ length: 9, alphabet: alphanumerics })}`
  return {
    sequence: state.nextSequence(),
    id,
    arn: `arn:aws:cognito-idp:${state.region}:${state.accountId}:userpool/${id}`,
    name: input.PoolName,
    createdAt: state.now(),
    settings: z.parse(inertSettings, input),
    attributeRules: declareAttributes(input.Schema ?? []),
    passwordPolicy: policyOf(input.Policies?.PasswordPolicy),
    caseSensitive: input.UsernameConfiguration?.CaseSensitive ?? true,
    deletionProtected: input.DeletionProtection === 'ACTIVE',
    groups: new Map(),
    resourceServers: new Map(),
    users: new Map(),
    usersBySub: new Map(),
    signingKeys: lazySigningKeys(),
  }
}

/** A pool that asks for one of these would behave otherwise on AWS than here, and nobody would notice. */
function refuseUnsupported(input: CreateUserPoolInput): void {
  const asked = {
    AliasAttributes: (input.AliasAttributes ?? []).length > 0,
    UsernameAttributes: (input.UsernameAttributes ?? []).length > 0,
    LambdaConfig: Object.keys(input.LambdaConfig ?? {}).length > 0,
    'MfaConfiguration ON': input.MfaConfiguration === 'ON',
    'Policies.SignInPolicy': input.Policies?.SignInPolicy !== undefined,
    'PasswordPolicy.PasswordHistorySize': (input.Policies?.PasswordPolicy?.PasswordHistorySize ?? 0) > 0,
    'UserPoolAddOns.AdvancedSecurityMode': (input.UserPoolAddOns?.AdvancedSecurityMode ?? 'OFF') !== 'OFF',
    'IssuerConfiguration.Type': (input.IssuerConfiguration?.Type ?? 'ORIGINAL') !== 'ORIGINAL',
    'Schema.DeveloperOnlyAttribute': (input.Schema ?? []).some(
      (attribute) => attribute.DeveloperOnlyAttribute === true,
    ),
  }
  for (const [feature, isAsked] of Object.entries(asked)) {
    if (isAsked) throw notImplemented(feature)
  }
}

/** A policy that is given replaces the default whole: what it leaves out is not required. */
function policyOf(given: z.infer<typeof passwordPolicy> | undefined): PasswordPolicy {
  if (given === undefined) return defaultPasswordPolicy
  return {
    MinimumLength: given.MinimumLength ?? defaultPasswordPolicy.MinimumLength,
    RequireUppercase: given.RequireUppercase ?? false,
    RequireLowercase: given.RequireLowercase ?? false,
    RequireNumbers: given.RequireNumbers ?? false,
    RequireSymbols: given.RequireSymbols ?? false,
    // The service model: 0 stands for the default.
    TemporaryPasswordValidityDays:
      given.TemporaryPasswordValidityDays === undefined || given.TemporaryPasswordValidityDays === 0
        ? defaultPasswordPolicy.TemporaryPasswordValidityDays
        : given.TemporaryPasswordValidityDays,
  }
}

function summarise(pool: UserPool): object {
  return {
    Id: pool.id,
    Name: pool.name,
    LambdaConfig: {},
    CreationDate: timestamp(pool.createdAt),
    LastModifiedDate: timestamp(pool.createdAt),
  }
}

function describe(pool: UserPool): object {
  return {
    DeletionProtection: 'INACTIVE',
    MfaConfiguration: 'OFF',
    UserPoolTier: 'ESSENTIALS',
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
    UsernameConfiguration: { CaseSensitive: true },
    ...pool.settings,
    ...summarise(pool),
    Arn: pool.arn,
    Policies: { PasswordPolicy: pool.passwordPolicy },
    SchemaAttributes: Array.from(pool.attributeRules.values(), (rule) => describeAttribute(rule)),
    EstimatedNumberOfUsers: pool.users.size,
  }
}
