// Lists what moto holds, by the services' own calls: what a stack says of itself is not taken for it.
import * as z from 'zod/mini'
import { query, xmlElements, type ApiRequest, type CallApi } from './moto-api.ts'

/** Ids as CloudFormation gives them, `PhysicalResourceId`, by resource type. */
export type Inventory = ReadonlyMap<string, readonly string[]>

type Listing = { readonly request: ApiRequest; readonly ids: (answer: string) => readonly string[] }

/** Of types whose resources live by themselves; a method, a permission or a policy goes with what it belongs to. */
const listings: Readonly<Record<string, Listing>> = {
  'AWS::ApiGateway::RestApi': {
    request: { service: 'apigateway', method: 'GET', path: '/restapis' },
    ids: members('item', 'id'),
  },
  'AWS::ApiGatewayV2::Api': {
    request: { service: 'apigateway', method: 'GET', path: '/v2/apis' },
    ids: members('items', 'apiId'),
  },
  'AWS::CloudWatch::Alarm': {
    request: query('monitoring', { Action: 'DescribeAlarms', Version: '2010-08-01' }),
    ids: (answer) => xmlElements(answer, 'AlarmName'),
  },
  'AWS::CloudWatch::Dashboard': {
    request: query('monitoring', { Action: 'ListDashboards', Version: '2010-08-01' }),
    ids: (answer) => xmlElements(answer, 'DashboardName'),
  },
  'AWS::Cognito::UserPool': {
    request: json('cognito-idp', 'AWSCognitoIdentityProviderService.ListUserPools', { MaxResults: 60 }),
    ids: members('UserPools', 'Id'),
  },
  'AWS::IAM::Role': {
    request: query('iam', { Action: 'ListRoles', Version: '2010-05-08' }),
    ids: (answer) => xmlElements(answer, 'RoleName'),
  },
  'AWS::KMS::Alias': {
    request: json('kms', 'TrentService.ListAliases'),
    ids: (answer) => members('Aliases', 'AliasName')(answer).filter((name) => !name.startsWith('alias/aws/')),
  },
  'AWS::KMS::Key': { request: json('kms', 'TrentService.ListKeys'), ids: members('Keys', 'KeyId') },
  'AWS::Lambda::Function': {
    request: { service: 'lambda', method: 'GET', path: '/2015-03-31/functions/' },
    ids: members('Functions', 'FunctionName'),
  },
  'AWS::Logs::LogGroup': {
    request: json('logs', 'Logs_20140328.DescribeLogGroups'),
    ids: members('logGroups', 'logGroupName'),
  },
  'AWS::S3::Bucket': { request: { service: 's3', method: 'GET' }, ids: (answer) => xmlElements(answer, 'Name') },
  'AWS::SecretsManager::Secret': {
    request: json('secretsmanager', 'secretsmanager.ListSecrets'),
    ids: members('SecretList', 'ARN'),
  },
  'AWS::SNS::Topic': {
    request: query('sns', { Action: 'ListTopics', Version: '2010-03-31' }),
    ids: (answer) => xmlElements(answer, 'TopicArn'),
  },
}

/** First pages only, which hold far more than one stack has. */
export async function takeInventory(call: CallApi): Promise<Inventory> {
  const lists = Object.entries(listings).map(
    async ([type, { request, ids }]) => [type, ids(await call(request))] as const,
  )
  return new Map(await Promise.all(lists))
}

function json(service: string, target: string, input: object = {}): ApiRequest {
  return { service, target, body: JSON.stringify(input) }
}

function members(list: string, id: string): (answer: string) => readonly string[] {
  const answerSchema = z.looseObject({ [list]: z.array(z.looseObject({ [id]: z.string() })) })
  return (answer) => {
    const { [list]: items } = answerSchema.parse(JSON.parse(answer))
    return z
      .array(z.record(z.string(), z.unknown()))
      .parse(items)
      .map((item) => z.string().parse(item[id]))
  }
}
