// What excuses a statement of the contract suite, for one implementation of AWS.

export type KnownDifference = {
  /** The statement's text, exactly. */
  readonly statement: string
  /** What the implementation does instead. */
  readonly instead: string
  /** The page of AWS's documentation that decides it. */
  readonly documentation: string
}

export const cognitoApi = 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference'
export const cognitoGuide = 'https://docs.aws.amazon.com/cognito/latest/developerguide'
export const kmsApi = 'https://docs.aws.amazon.com/kms/latest/APIReference'
export const secretsApi = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference'
