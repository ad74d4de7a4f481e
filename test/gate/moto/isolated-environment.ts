// The environment of the programs that are started: whatever could lead them to an AWS account is taken out of it.
import type { Environment } from '#shared/env.ts'

export const region = 'us-east-1'

export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const

/**
 * `environment` with no variable of AWS, no proxy, and `home` for the home folder, so that no profile is found. With an
 * `endpoint`, that and credentials which are good nowhere.
 */
export function isolatedEnvironment(
  environment: Environment,
  { home, endpoint }: { readonly home: string; readonly endpoint?: string },
): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, text]) =>
    text === undefined || /^AWS_|_PROXY$/i.test(name) ? [] : [[name, text] as const],
  )
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    NO_COLOR: '1',
    AWS_REGION: region,
    ...(endpoint !== undefined && awsVariables(endpoint)),
  }
}

/** What an SDK client in another process or thread needs to talk to `endpoint`, and to nothing else. */
export function awsVariables(endpoint: string): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}
