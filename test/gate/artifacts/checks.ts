// What the artifacts must do, from the machine user to the last log line; it knows nothing of how they were started.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { post, request } from '../../../infra/local/demo/gated-routes.ts'
import { LambdaFunctionError } from '../../../infra/emulators/gateway/lambda-function.ts'
import { signIn } from '../../../infra/local/sign-in.ts'
import { rotationSteps } from '../../../services/credential-rotation/rotation-handler.ts'
import { randomPassword } from '../../../shared/text/random-text.ts'
import type { SecretValue } from '../../../shared/text/secret-value.ts'
import type { Report } from '../moto/report.ts'
import { signInAsMachine } from '../moto/rotation.ts'
import { findLogProblems, type Secret } from './log-lines.ts'
import { checkRecordedEvents } from './recorded-events.ts'
import type { Artifacts } from './start-artifacts.ts'

const username = 'artifact-service'
const sampleBody = JSON.stringify({ data: { request_id: 'artifact-1', payload: { hello: 'world' } } })

export async function checkArtifacts(artifacts: Artifacts, report: Report): Promise<void> {
  const { app1Url, app2Url, clients } = artifacts
  const userPoolId = artifacts.refOf('UserPool')
  const secretArn = artifacts.refOf('MachineSecret')

  const version = await report.step('the four rotation steps make a machine user', () => rotate(artifacts))
  const machineToken = await report.step('the machine user signs in', () =>
    signInAsMachine(clients, { secretArn, userPoolId, clientId: artifacts.refOf('MachineClient') }),
  )

  const password = randomPassword()
  const create = JSON.stringify({ username, password: password.expose(), human_user_id: 'artifacts@example.com' })
  const creation = new URL(`${app1Url}/create-service-user`)
  await report.check('POST /create-service-user: 201', () => expectAnswer('201', creation, create))
  await report.check('the same user again: 409 user_exists', () => expectAnswer('409 user_exists', creation, create))
  const token = await report.step('the service user signs in', () =>
    signIn(clients.cognito, { userPoolId, clientId: artifacts.refOf('ServiceClient'), username, password }),
  )

  const sample = new URL(`${app2Url}/sample`)
  const admin = new URL(`${app2Url}/admin/create-user`)
  const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` })
  await report.check('POST /sample: 200', () => expectAnswer('200', sample, sampleBody, bearer(token.expose())))
  await report.check('a tampered token: 401', () =>
    expectAnswer('401 unauthorized', sample, sampleBody, bearer(tampered(token))),
  )
  await report.check('no token: 401', () => expectAnswer('401 unauthorized', sample, sampleBody))
  await report.check("the service user at the machine's route: 403", () =>
    expectAnswer('403 forbidden', admin, '{}', bearer(token.expose())),
  )
  await report.check("the machine user at the service's route: 403", () =>
    expectAnswer('403 forbidden', sample, sampleBody, bearer(machineToken.expose())),
  )

  const another = randomPassword()
  await checkLife(artifacts, report, another)

  const recordedPassword = randomPassword()
  await checkRecordedEvents(artifacts, report, { token, password: recordedPassword, secretArn, version })
  await checkInitErrors(artifacts, report)

  const secrets: Secret[] = [
    { what: "the service user's password", value: password },
    { what: "the service user's other password", value: another },
    { what: "the recorded request's password", value: recordedPassword },
    { what: "the service user's token", value: token },
    { what: "the machine user's token", value: machineToken },
    ...(await secretsOfMachine(artifacts)),
  ]
  await report.check('every log line is JSON, and holds no secret', () =>
    artifacts.names.flatMap((name) => findLogProblems(name, artifacts.functionOf(name).lines, secrets)),
  )
}

/** The rest of the service user's life, to its end. */
async function checkLife({ app1Url }: Artifacts, report: Report, another: SecretValue): Promise<void> {
  const path = `/service-users/${username}`
  const reset = JSON.stringify({ password: another.expose() })
  const steps: readonly (readonly [string, string, string, string?])[] = [
    ['GET', path, '200'],
    ['GET', '/service-users?prefix=artifact-', '200'],
    ['POST', `${path}/reset-password`, '200', reset],
    ['DELETE', `${path}/groups/service-user`, '200'],
    ['DELETE', path, '409 user_enabled'],
    ['POST', `${path}/disable`, '200'],
    ['DELETE', path, '200'],
    ['GET', path, '404 user_not_found'],
  ]
  for (const [method, route, expected, body] of steps) {
    await report.check(`${method} ${route}: ${expected}`, async () => {
      const sent = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }
      const { status, code } = await request(method, new URL(`${app1Url}${route}`), sent)
      const answer = code === undefined ? String(status) : `${status} ${code}`
      return answer === expected ? [] : [`answered ${answer}, not ${expected}`]
    })
  }
}

/** The id of the version that is current after it. */
async function rotate(artifacts: Artifacts): Promise<string> {
  const SecretId = artifacts.refOf('MachineSecret')
  const version = randomUUID()
  artifacts.beginRotation(version)
  const { invoke } = artifacts.functionOf('machine-credential-rotation')
  for (const Step of rotationSteps) await invoke({ Step, SecretId, ClientRequestToken: version })
  const { VersionId } = await artifacts.clients.secrets.send(new GetSecretValueCommand({ SecretId }))
  if (VersionId !== version) throw new Error('the version that the rotation made is not the current one')
  return version
}

async function expectAnswer(
  expected: string,
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { status, code } = await post(url, body, headers)
  const answer = code === undefined ? String(status) : `${status} ${code}`
  return answer === expected ? [] : [`answered ${answer}, not ${expected}`]
}

/** Another first character of the signature, each bit of which counts. */
function tampered(token: SecretValue): string {
  const [header = '', payload = '', signature = ''] = token.expose().split('.')
  return [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.')
}

/** Without a variable that it needs, or with one that is refused in Lambda alone, no function starts. */
async function checkInitErrors(artifacts: Artifacts, report: Report): Promise<void> {
  for (const name of artifacts.names.filter((item) => item !== 'sample')) {
    await report.check(`${name} without USER_POOL_ID: told to /init/error`, () =>
      expectInitError(artifacts, name, { USER_POOL_ID: undefined }),
    )
  }
  await report.check('app1-provisioner with http to App2: told to /init/error', () =>
    expectInitError(artifacts, 'app1-provisioner', { APP2_URL: artifacts.app2Url }),
  )
}

async function expectInitError(
  artifacts: Artifacts,
  name: string,
  changes: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const [variable = ''] = Object.keys(changes)
  const process = await artifacts.startAnother(name, changes)
  try {
    await process.ready
    return ['it started']
  } catch (error) {
    if (!(error instanceof LambdaFunctionError)) throw error
    const { errorType, message } = error
    return errorType === 'ConfigurationError' && message.includes(variable) ? [] : [`${errorType}: ${message}`]
  } finally {
    await process.close()
  }
}

const machineSecret = z.object({ password: z.string(), client_secret: z.string(), idempotency_secret: z.string() })

async function secretsOfMachine(artifacts: Artifacts): Promise<Secret[]> {
  const SecretId = artifacts.refOf('MachineSecret')
  const { SecretString } = await artifacts.clients.secrets.send(new GetSecretValueCommand({ SecretId }))
  const stored = machineSecret.parse(JSON.parse(SecretString ?? ''))
  return Object.entries(stored).map(([field, text]) => ({
    what: `${field} of the machine secret`,
    value: { expose: () => text },
  }))
}
