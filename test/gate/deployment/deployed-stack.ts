// A packaged template as it would be once it is deployed in an account: what its intrinsic functions give. It deploys nothing.
import { links } from '#infra/deploy/sides/links.ts'
import { resolveIntrinsics } from '#infra/local/set-up/resolve-intrinsics.ts'
import type { Place } from './side-variants.ts'
import type { Template } from './packaged-template.ts'

/** `node` of the template, with the ids and ARNs that AWS would give: each is made of the logical id, and so is stable. */
export function resolveIn({ Resources: resources }: Template, node: unknown, place: Place): Promise<unknown> {
  const { account, region, stackName } = place
  const typeOf = (logicalId: string): string => {
    const resource = resources[logicalId]
    if (resource === undefined) throw new Error(`the template has no ${logicalId}`)
    return resource.Type
  }
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  }
  const arns: Readonly<Record<string, (logicalId: string) => string>> = {
    'AWS::IAM::Role': (logicalId) => `arn:aws:iam::${account}:role/${stackName}-${logicalId}-X1`,
    'AWS::Lambda::Function': (logicalId) => `arn:aws:lambda:${region}:${account}:function:${logicalId}`,
    'AWS::KMS::Key': (logicalId) => `arn:aws:kms:${region}:${account}:key/${logicalId}`,
    'AWS::SecretsManager::Secret': (logicalId) =>
      `arn:aws:secretsmanager:${region}:${account}:secret:${logicalId}-X1-Ab1`,
  }
  const arnOf = (logicalId: string): string =>
    arns[typeOf(logicalId)]?.(logicalId) ?? `arn:aws:some:${region}:${account}:${logicalId}`
  const refs: Readonly<Record<string, (logicalId: string) => string>> = {
    'AWS::Cognito::UserPool': (logicalId) => `${region}_${logicalId}`,
    'AWS::SecretsManager::Secret': arnOf,
    'AWS::SQS::Queue': (logicalId) => `https://sqs.${region}.amazonaws.com/${account}/${logicalId}`,
  }
  return resolveIntrinsics(node, {
    ref: (name) => Promise.resolve(pseudo[name] ?? refs[typeOf(name)]?.(name) ?? name.toLowerCase()),
    attribute: (logicalId) => Promise.resolve(arnOf(logicalId)),
  })
}

const ofLinks: readonly string[] = Object.values(links).map(({ output }) => output)

/** As `describe-stacks` would list them: those that another deployment reads. */
export async function outputsOf(
  template: Template,
  place: Place,
): Promise<{ OutputKey: string; OutputValue: string }[]> {
  return Promise.all(
    Object.entries(template.Outputs)
      .filter(([name]) => ofLinks.includes(name))
      .map(async ([OutputKey, { Value }]) => ({
        OutputKey,
        OutputValue: String(await resolveIn(template, Value, place)),
      })),
  )
}
