// The refusals that Cognito's operations share; none holds a password, a token or a secret.
import { AwsError } from '../aws-error.ts'

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}

export function notAuthorized(message: string): AwsError {
  return new AwsError('NotAuthorizedException', message)
}

/** What AWS has and local AWS lacks is refused, not ignored: the difference would show on AWS alone. */
export function notImplemented(feature: string): AwsError {
  return invalid(`${feature} is not implemented by local AWS.`)
}
