// Takes the Authorization header of AWS Signature Version 4 apart; it verifies nothing.

export type SigV4Header = {
  readonly accessKeyId: string
  /** The day of the signing key, `YYYYMMDD`. */
  readonly day: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  /** 64 hexadecimal digits in lower case. */
  readonly signature: string
}

/**
 * The parts of `text`, or undefined when it is not of the one form that signers write: each of the three fields once,
 * and the signed headers in lower case, sorted, none of them twice.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function parseSigV4Header(text: string): SigV4Header | undefined {
  const [, list] = /^AWS4-HMAC-SHA256 +(\S.*)$/.exec(text) ?? []
  const fields = (list ?? '').split(',').map((field): [string, string] => {
    const at = field.indexOf('=')
    return at < 0 ? [field.trim(), ''] : [field.slice(0, at).trim(), field.slice(at + 1).trim()]
  })
  const values = new Map(fields)
  if (fields.length !== 3 || values.size !== 3) return undefined
  const credential = /^(\w{4,128})\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(
    values.get('Credential') ?? '',
  )
  const [, accessKeyId, day, region, service] = credential ?? []
  const signature = values.get('Signature') ?? ''
  const signedHeaders = (values.get('SignedHeaders') ?? '').split(';')
  const isSorted = signedHeaders.every((name, i) => i === 0 || (signedHeaders[i - 1] ?? '') < name)
  if (accessKeyId === undefined || day === undefined || region === undefined || service === undefined) return undefined
  if (!/^[0-9a-f]{64}$/.test(signature) || !isSorted) return undefined
  if (!signedHeaders.every((name) => /^[a-z0-9_-]+$/.test(name))) return undefined
  return { accessKeyId, day, region, service, signedHeaders, signature }
}

/** `20261121T110509Z` as epoch milliseconds; undefined for any other form and for a day that does not exist. */
export function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '') === text ? time : undefined
}
