import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { checkout } from '#infra/local/link-checkout.ts'
import { ofType, readPackagedTemplate, resolvedName, type Template } from './template.ts'
import { variantNames } from './variants.ts'

const oneOrMore = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((given) => [given].flat()),
)
const policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: oneOrMore,
      Resource: oneOrMore,
      Condition: z.optional(z.unknown()),
    }),
  ),
})
const texts = ['deployer-policy', 'deployer-policy-jobs'].map((name) =>
  readFileSync(join(checkout, `docs/${name}.json`), 'utf8'),
)
const [always = [], withJobs = []] = texts.map((text) => policy.parse(JSON.parse(text)).Statement)
const statements = [...always, ...withJobs]

/**
 * What CloudFormation calls with its caller's permissions to create, read, update and delete a resource of the type: the
 * handlers of the type's schema in CloudFormation's registry (July 2026), without what belongs to properties that no
 * template here has. Not `secretsmanager:GetSecretValue`: the secret's own policy denies it to everybody but App1 and
 * the rotation.
 */
const needed: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Account': 'apigateway: PATCH GET; iam: GetRole PassRole',
  'AWS::ApiGateway::Authorizer': 'apigateway: POST GET PATCH DELETE',
  'AWS::ApiGateway::Deployment': 'apigateway: POST PUT GET PATCH DELETE',
  'AWS::ApiGateway::GatewayResponse': 'apigateway: PUT GET DELETE',
  'AWS::ApiGateway::Method': 'apigateway: PUT GET DELETE',
  'AWS::ApiGateway::Resource': 'apigateway: POST GET PATCH DELETE',
  // The last one for a resource policy, which App2's API has with sigv4 where App1 lives in another account.
  'AWS::ApiGateway::RestApi': 'apigateway: POST PUT GET PATCH DELETE UpdateRestApiPolicy',
  'AWS::ApiGateway::Stage': 'apigateway: POST PUT GET PATCH DELETE',
  'AWS::ApiGatewayV2::Api': 'apigateway: POST PUT GET PATCH DELETE',
  'AWS::ApiGatewayV2::Integration': 'apigateway: POST PUT GET PATCH DELETE',
  'AWS::ApiGatewayV2::Route': 'apigateway: POST PUT GET PATCH DELETE',
  'AWS::ApiGatewayV2::Stage':
    'apigateway: POST GET PATCH DELETE TagResource UntagResource; logs: CreateLogDelivery GetLogDelivery ' +
    'UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy DescribeResourcePolicies DescribeLogGroups',
  'AWS::CloudWatch::Alarm':
    'cloudwatch: PutMetricAlarm DescribeAlarms DeleteAlarms ListTagsForResource TagResource UntagResource',
  'AWS::CloudWatch::Dashboard':
    'cloudwatch: PutDashboard GetDashboard DeleteDashboards ListTagsForResource TagResource UntagResource',
  'AWS::Cognito::UserPool':
    'cognito-idp: CreateUserPool DescribeUserPool UpdateUserPool DeleteUserPool SetUserPoolMfaConfig ' +
    'GetUserPoolMfaConfig AddCustomAttributes ListTagsForResource TagResource UntagResource',
  'AWS::Cognito::UserPoolClient':
    'cognito-idp: CreateUserPoolClient DescribeUserPoolClient UpdateUserPoolClient DeleteUserPoolClient',
  'AWS::Cognito::UserPoolDomain':
    'cognito-idp: CreateUserPoolDomain DescribeUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain',
  'AWS::Cognito::UserPoolGroup': 'cognito-idp: CreateGroup GetGroup UpdateGroup DeleteGroup',
  'AWS::Cognito::UserPoolResourceServer':
    'cognito-idp: CreateResourceServer DescribeResourceServer UpdateResourceServer DeleteResourceServer',
  'AWS::DynamoDB::Table':
    'dynamodb: CreateTable DescribeTable UpdateTable DeleteTable DescribeTimeToLive UpdateTimeToLive DescribeContinuousBackups ' +
    'UpdateContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy ' +
    'ListTagsOfResource TagResource UntagResource; kms: CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey ' +
    'GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo',
  'AWS::IAM::Policy': 'iam: GetRolePolicy PutRolePolicy DeleteRolePolicy',
  'AWS::IAM::Role':
    'iam: CreateRole GetRole DeleteRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy PutRolePolicy ' +
    'GetRolePolicy DeleteRolePolicy ListRolePolicies AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies TagRole UntagRole',
  'AWS::KMS::Alias': 'kms: CreateAlias UpdateAlias DeleteAlias ListAliases',
  'AWS::KMS::Key':
    'kms: CreateKey DescribeKey EnableKey DisableKey EnableKeyRotation DisableKeyRotation GetKeyRotationStatus ' +
    'GetKeyPolicy PutKeyPolicy UpdateKeyDescription ScheduleKeyDeletion ListResourceTags TagResource UntagResource',
  'AWS::Lambda::EventSourceMapping':
    'lambda: CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping ListTags ' +
    'TagResource UntagResource',
  'AWS::Lambda::Function':
    'lambda: CreateFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction ' +
    'PutFunctionConcurrency DeleteFunctionConcurrency GetFunctionCodeSigningConfig GetFunctionRecursionConfig ' +
    'PutFunctionRecursionConfig GetRuntimeManagementConfig PutRuntimeManagementConfig TagResource UntagResource; ' +
    'iam: PassRole; s3: GetObject GetObjectVersion',
  'AWS::Lambda::Permission': 'lambda: AddPermission RemovePermission GetPolicy',
  'AWS::Logs::LogGroup':
    'logs: CreateLogGroup DescribeLogGroups DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ' +
    'GetDataProtectionPolicy DescribeIndexPolicies DescribeResourcePolicies ListTagsForResource TagResource UntagResource',
  'AWS::Logs::MetricFilter': 'logs: PutMetricFilter DescribeMetricFilters DeleteMetricFilter',
  'AWS::S3::Bucket':
    's3: CreateBucket DeleteBucket ListBucket PutEncryptionConfiguration GetEncryptionConfiguration PutBucketVersioning ' +
    'GetBucketVersioning PutBucketPublicAccessBlock GetBucketPublicAccessBlock PutBucketTagging GetBucketTagging ' +
    'ListTagsForResource TagResource UntagResource',
  'AWS::S3::BucketPolicy': 's3: GetBucketPolicy PutBucketPolicy DeleteBucketPolicy',
  'AWS::SNS::Subscription': 'sns: Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes',
  'AWS::SNS::Topic':
    'sns: CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes GetDataProtectionPolicy ' +
    'ListSubscriptionsByTopic ListTagsForResource TagResource UntagResource',
  'AWS::SNS::TopicPolicy': 'sns: SetTopicAttributes',
  'AWS::SQS::Queue':
    'sqs: CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes DeleteQueue ListQueueTags TagQueue UntagQueue',
  'AWS::SQS::QueuePolicy': 'sqs: GetQueueAttributes SetQueueAttributes',
  'AWS::Scheduler::Schedule': 'scheduler: CreateSchedule GetSchedule UpdateSchedule DeleteSchedule; iam: PassRole',
  'AWS::SecretsManager::ResourcePolicy': 'secretsmanager: PutResourcePolicy GetResourcePolicy DeleteResourcePolicy',
  'AWS::SecretsManager::RotationSchedule':
    'secretsmanager: RotateSecret DescribeSecret CancelRotateSecret; lambda: InvokeFunction',
  'AWS::SecretsManager::Secret':
    'secretsmanager: CreateSecret DescribeSecret UpdateSecret DeleteSecret GetRandomPassword TagResource UntagResource; ' +
    'kms: Decrypt GenerateDataKey',
}

/** What `serverless deploy`, `info` and `remove` call themselves; sts:GetCallerIdentity needs no permission. */
const framework =
  'cloudformation: ValidateTemplate CreateStack CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet ' +
  'UpdateStack DeleteStack DescribeStacks DescribeStackEvents DescribeStackResource DescribeStackResources ' +
  'ListStackResources GetTemplate TagResource UntagResource; s3: ListBucket ListBucketVersions GetObject PutObject ' +
  'DeleteObject DeleteObjectVersion GetBucketLocation; lambda: GetFunction ListVersionsByFunction; ' +
  'logs: DescribeSubscriptionFilters; apigateway: GET'

function actionsOf(list: string): string[] {
  return list.split('; ').flatMap((service) => {
    const [prefix = '', names = ''] = service.split(': ')
    return names.split(' ').map((name) => `${prefix}:${name}`)
  })
}

/** How IAM compares: `*` stands for any characters. */
function matches(pattern: string, value: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(value)
}

function isGranted(action: string, resource?: string): boolean {
  return statements.some(
    ({ Action, Resource }) =>
      Action.some((pattern) => matches(pattern, action)) &&
      (resource === undefined || Resource.some((pattern) => matches(pattern, resource))),
  )
}

let templates: readonly Template[]

beforeAll(() => {
  templates = variantNames.map((name) => readPackagedTemplate(name))
})

describe('the policy of who deploys', () => {
  it.each(texts)('fits into a managed policy, which has 6,144 characters without white space', (text) => {
    expect(text.replace(/\s/g, '').length).toBeLessThanOrEqual(6_144)
  })

  it('has no more for a deployment without jobs than its types need', () => {
    const types = [
      'AWS::DynamoDB::Table',
      'AWS::Lambda::EventSourceMapping',
      'AWS::SQS::Queue',
      'AWS::Scheduler::Schedule',
    ]
    const ofJobs = types.flatMap((type) => actionsOf(needed[type] ?? ''))
    const others = Object.entries(needed).flatMap(([type, list]) => (types.includes(type) ? [] : actionsOf(list)))

    const granted = always.flatMap(({ Action }) => Action)
    const forJobsAlone = ofJobs.filter((action) => ![...others, ...actionsOf(framework)].includes(action))
    // By `lambda:Get*`, and of functions alone.
    expect(forJobsAlone.filter((action) => granted.some((pattern) => matches(pattern, action)))).toEqual([
      'lambda:GetEventSourceMapping',
    ])
  })

  it('is judged by a table that has each type of the templates and no other', () => {
    const types = new Set(templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)))

    expect([...types].toSorted()).toEqual(Object.keys(needed).toSorted())
  })

  it.each([...Object.entries(needed), ['the framework', framework]])('grants what %s needs', (_, list) => {
    expect(actionsOf(list).filter((action) => !isGranted(action))).toEqual([])
  })

  it('grants nothing that none of them needs', () => {
    const all = [...Object.values(needed), framework].flatMap(actionsOf)
    const granted = statements.flatMap(({ Action }) => Action)

    expect(granted.filter((pattern) => !all.some((action) => matches(pattern, action)))).toEqual([])
  })

  it('covers the names that the resources have', () => {
    const account = 'eu-west-1:123456789012'
    const named = (type: string, property: string): string[] =>
      templates.flatMap((template) =>
        ofType(template, type).map(([, { Properties }]) => resolvedName(Properties[property], 'latchkey-dev') ?? ''),
      )
    const resources = [
      ...named('AWS::Lambda::Function', 'FunctionName').map((name) => [
        'lambda:CreateFunction',
        `arn:aws:lambda:${account}:function:${name}`,
      ]),
      ...named('AWS::Logs::LogGroup', 'LogGroupName').map((name) => [
        'logs:CreateLogGroup',
        `arn:aws:logs:${account}:log-group:${name}:*`,
      ]),
      ...named('AWS::CloudWatch::Alarm', 'AlarmName').map((name) => [
        'cloudwatch:PutMetricAlarm',
        `arn:aws:cloudwatch:${account}:alarm:${name}`,
      ]),
      ...named('AWS::CloudWatch::Dashboard', 'DashboardName').map((name) => [
        'cloudwatch:PutDashboard',
        `arn:aws:cloudwatch::123456789012:dashboard/${name}`,
      ]),
      ...named('AWS::SQS::Queue', 'QueueName').map((name) => ['sqs:CreateQueue', `arn:aws:sqs:${account}:${name}`]),
      ...named('AWS::Scheduler::Schedule', 'Name').map((name) => [
        'scheduler:CreateSchedule',
        `arn:aws:scheduler:${account}:schedule/default/${name}`,
      ]),
      // CloudFormation makes up the table's name, which begins with the stack's.
      ['dynamodb:CreateTable', `arn:aws:dynamodb:${account}:table/latchkey-prod-JobsTable-1ABCDEF`],
      ['lambda:InvokeFunction', `arn:aws:lambda:${account}:function:latchkey-prod-machine-credential-rotation`],
    ] as const

    expect(resources.length).toBeGreaterThan(100)
    expect(resources.filter(([action = '', arn]) => !isGranted(action, arn))).toEqual([])
    expect(isGranted('lambda:InvokeFunction', `arn:aws:lambda:${account}:function:latchkey-prod-create-user`)).toBe(
      false,
    )
  })

  it('passes the stack’s roles to Lambda, to API Gateway, and for jobs to the scheduler, and to nobody else', () => {
    const passing = statements.filter(({ Action }) => Action.includes('iam:PassRole'))

    expect(passing).toMatchObject([
      {
        Resource: ['arn:aws:iam::*:role/latchkey-*'],
        Condition: { StringEquals: { 'iam:PassedToService': ['lambda.amazonaws.com', 'apigateway.amazonaws.com'] } },
      },
      {
        Resource: ['arn:aws:iam::*:role/latchkey-*'],
        Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      },
    ])
  })
})
