// What the command reads of its environment; nothing in it leads to an AWS account.
import { readPort } from '../local/start-options.ts'

type Environment = Readonly<Record<string, string | undefined>>

export type Ports = { readonly apis: number; readonly aws: number }

/** As for `npm start`, but both APIs are on the one port that serverless-offline has for them. Throws UsageError. */
export function readPorts(environment: Environment = process.env): Ports {
  return {
    apis: readPort(environment, { name: 'PORT_APP1', standard: 4001 }),
    aws: readPort(environment, { name: 'PORT_AWS', standard: 4566 }),
  }
}

/**
 * The framework's: `environment` without its variables of AWS and proxies, with `home` for the home folder, so that no
 * profile is found. serverless-offline gives every function all variables that begin with `AWS_`.
 */
export function frameworkEnvironment(home: string, environment: Environment = process.env): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, text]) =>
    text === undefined || /^(AWS_|AUTHORIZER$)|_PROXY$/i.test(name) ? [] : [[name, text] as const],
  )
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, AWS_REGION: 'us-east-1' }
}
