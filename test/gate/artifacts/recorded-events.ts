// Sends events in the forms that AWS documents, kept in events/, straight to the functions; no gateway of ours made them.
import { readFile } from 'node:fs/promises'
import * as z from 'zod/mini'
import { LambdaFunctionError } from '../../../infra/emulators/gateway/lambda-function.ts'
import { localRoles, sessionArn } from '../../../infra/local/local-signers.ts'
import type { SecretValue } from '../../../shared/text/secret-value.ts'
import { findAllowed } from '../moto/authorizer-call.ts'
import type { Report } from '../moto/report.ts'
import type { Artifacts } from './start-artifacts.ts'

export type Recorded = {
  readonly token: SecretValue
  readonly password: SecretValue
  readonly secretArn: string
  /** The current one. */
  readonly version: string
}

/** Of `file`'s event, with `values` for what stands in it as `{{name}}`, sent to that function. */
type Case = readonly [text: string, file: string, name: string, expected: string, values?: Record<string, string>]

export async function checkRecordedEvents(artifacts: Artifacts, report: Report, recorded: Recorded): Promise<void> {
  for (const [text, file, name, expected, values = {}] of cases(recorded)) {
    await report.check(`recorded ${text}: ${expected}`, async () => {
      const event = await readEvent(file, values)
      const outcome = await artifacts.functionOf(name).invoke(event).then(describe, describeError)
      return outcome === expected ? [] : [`the function answered ${outcome}`]
    })
  }
}

function cases({ token, password, secretArn, version }: Recorded): Case[] {
  const http = ['http-api-v2-iam.json', 'app1-provisioner'] as const
  const shown = ['http-api-v2-path.json', 'app1-provisioner'] as const
  const authorizer = ['token-authorizer.json', 'authorizer'] as const
  const rotation = ['rotation.json', 'machine-credential-rotation'] as const
  const by = (userArn: string): Record<string, string> => ({ userArn, password: password.expose() })
  const iamUser = localRoles.caller.replace(':role/', ':user/')
  const foreign = secretArn.replace(/-\w{6}$/, '-abcdef')
  const isForeign = 'RotationError: foreign_secret: the event names another secret than the configured one'
  const asServiceUser = "with a service user's context"
  return [
    ['HTTP API event, signed by the caller on the list', ...http, '201', by(sessionArn('caller'))],
    ['HTTP API event, signed by another role', ...http, '403 forbidden', by(sessionArn('stranger'))],
    ['HTTP API event, signed by an IAM user', ...http, '403 forbidden', by(iamUser)],
    ['HTTP API event with a path parameter', ...shown, '200', { userArn: sessionArn('caller') }],
    [
      'HTTP API event with a path parameter, by another role',
      ...shown,
      '403 forbidden',
      { userArn: sessionArn('stranger') },
    ],
    [`REST API event ${asServiceUser}`, 'rest-proxy-sample.json', 'sample', '200'],
    [`the machine's route ${asServiceUser}`, 'rest-proxy-create-user.json', 'create-user', '403 forbidden'],
    [`the route of a deletion ${asServiceUser}`, 'rest-proxy-delete.json', 'manage-users', '403 forbidden'],
    ['TOKEN authorizer event', ...authorizer, 'allows POST/sample', { token: `Bearer ${token.expose()}` }],
    ["TOKEN authorizer event with the guide's token", ...authorizer, 'Error: Unauthorized', { token: 'allow' }],
    ['rotation event of the version that is current', ...rotation, 'null', { secretArn, version }],
    ['rotation event of another secret', ...rotation, isForeign, { secretArn: foreign, version }],
  ]
}

/** Every `{{name}}` is a whole word of JSON text that needs no escape. Throws for one without a value. */
async function readEvent(file: string, values: Readonly<Record<string, string>>): Promise<unknown> {
  const text = await readFile(new URL(`events/${file}`, import.meta.url), 'utf8')
  const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${file} wants a ${name}`)
    return value
  })
  return JSON.parse(filled)
}

const proxyResult = z.object({ statusCode: z.number(), body: z.string() })
const policyResult = z.object({ policyDocument: z.unknown() })
const problem = z.object({ code: z.string() })

function describe(result: unknown): string {
  const reply = z.safeParse(proxyResult, result)
  if (reply.success) {
    const body = z.safeParse(problem, JSON.parse(reply.data.body))
    return body.success ? `${reply.data.statusCode} ${body.data.code}` : String(reply.data.statusCode)
  }
  if (z.safeParse(policyResult, result).success) return `allows ${findAllowed(result).join(' and ') || 'nothing'}`
  return JSON.stringify(result)
}

function describeError(error: unknown): string {
  if (error instanceof LambdaFunctionError) return `${error.errorType}: ${error.message}`
  throw error
}
