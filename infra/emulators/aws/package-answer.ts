// What a package that emulates a service answered, as an operation of local AWS gives it: a result, or AwsError.
import { AwsError } from './aws-error.ts'

export type PackageAnswer = { readonly status: number; readonly body: string }

type ErrorBody = { readonly __type?: string; readonly message?: string; readonly Message?: string }

/** Throws AwsError for anything but a success, without the namespace before the name. */
export function readAnswer({ status, body }: PackageAnswer): object {
  const answered = JSON.parse(body) as object
  if (status === 200) return answered
  const { __type = '', message, Message = '' } = answered as ErrorBody
  const name = __type.slice(__type.indexOf('#') + 1)
  throw new AwsError(name, message ?? Message, status)
}
