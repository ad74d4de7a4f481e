// Where a deployment on moto is known to differ from one on AWS: the one place that excuses what `npm run deploy:local` finds.

export type KnownDifference = {
  /** As differences.ts words it, exactly. */
  readonly difference: string
  /** Why, and what is used instead here. */
  readonly moto: string
}

const noModel = 'its CloudFormation has no model of the type, and says CREATE_COMPLETE'
const madeHere = `${noModel}; made from the packaged template before the deployment, as npm start makes it`
const notOfTheStack = 'passed over when the stack was made, so that it is no part of it'

/** As of moto 5.2.5. */
export const knownDifferences: readonly KnownDifference[] = [
  { difference: 'AWS::Cognito::UserPool is passed over', moto: madeHere },
  { difference: 'AWS::Cognito::UserPoolClient is passed over', moto: madeHere },
  { difference: 'AWS::Cognito::UserPoolGroup is passed over', moto: madeHere },
  { difference: 'AWS::SecretsManager::Secret is passed over', moto: madeHere },
  {
    difference: 'AWS::SecretsManager::RotationSchedule is passed over',
    moto: `${noModel}; the rotation is begun by RotateSecret`,
  },
  {
    difference: 'AWS::SecretsManager::ResourcePolicy is passed over',
    moto: `${noModel}; its calls ask for no permission either`,
  },
  {
    difference: 'AWS::ApiGateway::Authorizer is passed over',
    moto: `${noModel}; the methods that ask for it are made, and it is called without the gateway`,
  },
  { difference: 'AWS::ApiGateway::Account is passed over', moto: noModel },
  { difference: 'AWS::ApiGateway::GatewayResponse is passed over', moto: noModel },
  { difference: 'AWS::ApiGateway::Stage is passed over', moto: noModel },
  { difference: 'AWS::ApiGatewayV2::Api is passed over', moto: noModel },
  { difference: 'AWS::ApiGatewayV2::Integration is passed over', moto: noModel },
  { difference: 'AWS::ApiGatewayV2::Route is passed over', moto: noModel },
  { difference: 'AWS::ApiGatewayV2::Stage is passed over', moto: noModel },
  { difference: 'AWS::CloudWatch::Alarm is passed over', moto: noModel },
  { difference: 'AWS::Logs::MetricFilter is passed over', moto: noModel },
  { difference: 'AWS::S3::BucketPolicy is passed over', moto: noModel },
  { difference: 'AWS::SNS::Subscription is passed over', moto: noModel },
  { difference: 'AWS::SNS::TopicPolicy is passed over', moto: noModel },
  {
    difference: 'the stack has no outputs',
    moto: 'executing a change set renews the resources of a stack and not its outputs',
  },
  {
    difference: 'ApiGatewayRestApi (AWS::ApiGateway::RestApi) is left behind',
    moto: 'its CloudFormation can make a REST API and not delete one, and says DELETE_COMPLETE',
  },
  { difference: 'UserPool (AWS::Cognito::UserPool) is left behind', moto: notOfTheStack },
  { difference: 'MachineSecret (AWS::SecretsManager::Secret) is left behind', moto: notOfTheStack },
]
