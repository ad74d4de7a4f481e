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
