// Where a deployment on moto is known to differ from one on AWS: the one place that excuses what `npm run deploy:local` finds.

const noModel = 'its CloudFormation has no model of the type, and says CREATE_COMPLETE'
const madeHere = `${noModel}; made from the packaged template before the deployment, as npm start makes it`
const notOfTheStack = 'passed over when the stack was made, so that it is no part of it'

/** As of moto 5.2.5: by what differences.ts words exactly, why, and what stands in for it here. */
export const knownDifferences: Readonly<Record<string, string>> = {
  'AWS::Cognito::UserPool is passed over': madeHere,
  'AWS::Cognito::UserPoolClient is passed over': madeHere,
  'AWS::Cognito::UserPoolGroup is passed over': madeHere,
  'AWS::SecretsManager::Secret is passed over': madeHere,
  'AWS::SecretsManager::RotationSchedule is passed over': `${noModel}; the rotation is begun by RotateSecret`,
  'AWS::SecretsManager::ResourcePolicy is passed over': `${noModel}; its calls ask for no permission either`,
  'AWS::ApiGateway::Authorizer is passed over': `${noModel}; the methods that ask for it are made, and it is called without the gateway`,
  'AWS::ApiGateway::Account is passed over': noModel,
  'AWS::ApiGateway::GatewayResponse is passed over': noModel,
  'AWS::ApiGateway::Stage is passed over': noModel,
  'AWS::ApiGatewayV2::Api is passed over': noModel,
  'AWS::ApiGatewayV2::Integration is passed over': noModel,
  'AWS::ApiGatewayV2::Route is passed over': noModel,
  'AWS::ApiGatewayV2::Stage is passed over': noModel,
  'AWS::CloudWatch::Alarm is passed over': noModel,
  'AWS::Logs::MetricFilter is passed over': noModel,
  'AWS::S3::BucketPolicy is passed over': noModel,
  'AWS::SNS::Subscription is passed over': noModel,
  'AWS::SNS::TopicPolicy is passed over': noModel,
  'the stack has no outputs': 'executing a change set renews the resources of a stack and not its outputs',
  'ApiGatewayRestApi (AWS::ApiGateway::RestApi) is left behind':
    'its CloudFormation can make a REST API and not delete one, and says DELETE_COMPLETE',
  'UserPool (AWS::Cognito::UserPool) is left behind': notOfTheStack,
  'MachineSecret (AWS::SecretsManager::Secret) is left behind': notOfTheStack,
}
