// A refusal as AWS puts it on the wire; its message never holds a password, a token or a hash.

/** `name` is the wire's `__type`, which is what SDK callers match on; `status` is the HTTP status. */
export class AwsError extends Error {
  override readonly name: string
  readonly status: number

  constructor(name: string, message: string, status = 400) {
    super(message)
    this.name = name
    this.status = status
  }
}
