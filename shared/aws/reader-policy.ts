// The resource policies of a secret with a generated password: who may read it, or for whom it is closed.
import { isDeepStrictEqual } from 'node:util'

/**
 * The Deny is for the roles of the account whose own policies let them read every secret. BatchGetSecretValue needs
 * GetSecretValue for each. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
export function policyFor(reader: string): string {
  const allButTheReader = { Condition: { StringNotEquals: { 'aws:PrincipalArn': reader } } }
  return policyOf(reader, { Sid: 'NobodyElseReads', ...denial, ...allButTheReader })
}

/** Nobody reads. It names the reader all the same, so that a role that does not exist is refused before anything is changed. */
export function closedPolicyFor(reader: string): string {
  return policyOf(reader, { Sid: 'NobodyReads', ...denial })
}

/** Whether it is `policyFor` this reader. A role that was deleted since has another name in it. */
export function isPolicyFor(policy: string | undefined, reader: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(policy ?? ''), JSON.parse(policyFor(reader)))
  } catch {
    return false
  }
}

const denial = { Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' }

function policyOf(reader: string, denying: object): string {
  const reading = {
    Sid: 'ReaderReads',
    Effect: 'Allow',
    Principal: { AWS: reader },
    Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    Resource: '*',
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: [reading, denying] })
}
