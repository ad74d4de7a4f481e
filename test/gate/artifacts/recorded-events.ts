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

type Case = {
  readonly text: string
  readonly file: string
  readonly function: string
  /** What stands in the file as `{{name}}`. */
  readonly values?: Readonly<Record<string, string>>
  readonly expected: string
}

export async function checkRecordedEvents(artifacts: Artifacts, report: Report, recorded: Recorded): Promise<void> {
  for (const item of cases(recorded)) {
    await report.check(`recorded ${item.text}: ${item.expected}`, async () => {
      const event = await readEvent(item.file, item.values ?? {})
      const outcome = await artifacts.functionOf(item.function).invoke(event).then(describe, describeError)
      return outcome === item.expected ? [] : [`the function answered ${outcome}`]
    })
  }
}

function cases({ token, password, secretArn, version }: Recorded): Case[] {
  const http = { file: 'http-api-v2-iam.json', function: 'app1-provisioner' } as const
  const authorizer = { file: 'token-authorizer.json', function: 'authorizer' } as const
  const rotation = { file: 'rotation.json', function: 'machine-credential-rotation' } as const
  const foreign = secretArn.replace(/-\w{6}$/, '-abcdef')
  return [
    {
      ...http,
      text: 'HTTP API event, signed by the caller on the list',
      values: { userArn: sessionArn('caller'), password: password.expose() },
      expected: '201',
    },
    {
      ...http,
      text: 'HTTP API event, signed by another role',
      values: { userArn: sessionArn('stranger'), password: password.expose() },
      expected: '403 forbidden',
    },
    {
      ...http,
      text: 'HTTP API event, signed by an IAM user',
      values: { userArn: localRoles.caller.replace(':role/', ':user/'), password: password.expose() },
      expected: '403 forbidden',
    },
    {
      text: "REST API event with a service user's context",
      file: 'rest-proxy-sample.json',
      function: 'sample',
      expected: '200',
    },
    {
      text: "REST API event at the machine's route with a service user's context",
      file: 'rest-proxy-create-user.json',
      function: 'create-user',
      expected: '403 forbidden',
    },
    {
      ...authorizer,
      text: 'TOKEN authorizer event',
      values: { token: `Bearer ${token.expose()}` },
      expected: 'allows POST/sample',
    },
    {
      ...authorizer,
      text: "TOKEN authorizer event with the guide's token",
      values: { token: 'allow' },
      expected: 'Error: Unauthorized',
    },
    {
      ...rotation,
      text: 'rotation event of the version that is current',
      values: { secretArn, version },
      expected: 'null',
    },
    {
      ...rotation,
      text: 'rotation event of another secret',
      values: { secretArn: foreign, version },
      expected: 'RotationError: foreign_secret: the event names another secret than the configured one',
    },
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
