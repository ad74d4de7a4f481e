// The settings of every AWS SDK client: bounded in time and attempts, so that no call outlives its request.

/**
 * Standard retries with jitter, three attempts in all; each attempt gives up after 3 s without an answer, and after
 * 1 s without a connection. The SDK finds region, credentials and `AWS_ENDPOINT_URL` in the environment by itself.
 */
export const awsClientOptions = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const

/** Node keeps no idle connection then, and says so to the other side only where there is no limit to be queued at. */
const oneRequestEach = { keepAlive: false, maxSockets: Infinity } as const

/**
 * For calls that must not be made twice: one attempt, on a connection of its own. Lambda purges idle connections, so a
 * kept one may be dead without a sign, and the attempt would be spent on it.
 * https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
 */
export const unrepeatedCallOptions = {
  ...awsClientOptions,
  maxAttempts: 1,
  requestHandler: {
    ...awsClientOptions.requestHandler,
    httpAgent: oneRequestEach,
    httpsAgent: oneRequestEach,
  },
} as const
