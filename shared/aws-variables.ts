// The variables that several functions read, each described once.
import { matching, type Variable } from './env.ts'

export const awsRegion: Variable<string> = {
  description: 'AWS Region, for example `eu-west-1`. Lambda sets it.',
  parse: matching(/[a-z]{2}(-[a-z]+)+-\d/),
}

/** Cognito's own pattern for a pool id; the part before the underscore is the Region. */
export const userPoolId: Variable<string> = {
  description: 'Id of the Cognito user pool, `<region>_<id>`.',
  parse: matching(/[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]{1,55}/),
}

export const appClientId = (whose: string): Variable<string> => ({
  description: `Id of the app client that ${whose} sign in through.`,
  parse: matching(/\w{1,128}/),
})

/** The whole ARN, with its six random characters at the end: a shorter one could name another secret. */
export const machineSecretArn: Variable<string> = {
  description: 'Full ARN of the Secrets Manager secret with the machine user’s credentials.',
  parse: matching(/arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]+/),
}
