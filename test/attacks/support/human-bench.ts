// Both apps in this process, one behind the other, each with its own clock and its own verifier of humans: what passes App1 reaches
// App2's own code, and what passes that makes a user.
import { createApp as createApp1 } from '#services/app1-provisioner/app.ts'
import { createApp2Client } from '#services/app1-provisioner/app2-client.ts'
import type { Machine } from '#services/app1-provisioner/machine/machine.ts'
import { createApp as createApp2 } from '#services/app2-accounts/create-user/app.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import type { SendOnce } from '#shared/aws/send-once.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import type { HumanConfig, HumanIdentity } from '#shared/human/human-issuers.ts'
import { createHumanRules } from '#shared/human/human-verifier.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { expect } from 'vitest'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { answerOf } from '../../support/answers.ts'
import { httpEvent, lambdaContext, restEvent } from '../../support/events.ts'
import { fakeDirectory } from '../../support/fake-directory.ts'
import { peopleIdp } from '../../support/human-tokens.ts'
import { recordingLogger, type LogLine } from '../../support/logger.ts'
import { machineSecret } from '../../support/machine-secrets.ts'
import { goodPassword } from '../../support/requests.ts'
import { jwksOf, type Signer } from '../../support/tokens.ts'

export type HumanBench = {
  readonly app1Clock: ManualClock
  readonly app2Clock: ManualClock
  /** A creation through App1, as its caller asks for it. */
  readonly create: (token: string | undefined, body: object) => Promise<HumanAnswer>
  /** Straight to App2, by whoever holds App1's credential. */
  readonly createInApp2: (token: string | undefined, body: object) => Promise<HumanAnswer>
  readonly made: () => number
  readonly lines: () => readonly LogLine[]
}

export type HumanAnswer = { readonly status: number; readonly code: unknown }

type Options = { readonly identity?: HumanIdentity; readonly issuers: HumanConfig['issuers']; readonly keys: Keys }
/** Of each issuer, by what its address begins with. */
type Keys = Readonly<Record<string, readonly Signer[]>>

export function openHumanBench({ identity = 'verified', issuers, keys }: Options): HumanBench {
  const [app1Clock, app2Clock] = [manualClock(), manualClock()]
  const logger = recordingLogger()
  const send: SendOnce = ({ url }) => {
    if (url.pathname.endsWith('/openid-configuration'))
      return Promise.resolve(answerOf({ issuer: peopleIdp.issuer, jwks_uri: `${peopleIdp.issuer}/keys` }))
    const [, signers = []] = Object.entries(keys).find(([issuer]) => url.href.startsWith(issuer)) ?? []
    return Promise.resolve(answerOf(jwksOf(...signers)))
  }
  const rulesOf = ({ now }: ManualClock) => createHumanRules({ identity, issuers }, { send, now, logger })

  const directory = fakeDirectory(app2Clock.now)
  const app2 = createLambdaHandler(
    createApp2({
      now: app2Clock.now,
      logger,
      readCaller: createAuthorizerReader([]),
      human: rulesOf(app2Clock),
      opener: { open: () => Promise.resolve(new SecretValue(goodPassword)) },
      directory,
      delivery: undefined,
      admission: { take: () => ({ taken: true }) },
      sleep: () => Promise.resolve(),
    }),
    logger,
  )
  const authorizer = { sub: 'm', client: 'machine', token: 'user', groups: 'api-client', scopes: '' }
  const askApp2 = async (headers: Record<string, string>, body: string) => {
    const event = restEvent({ resource: '/admin/create-user', headers, body, authorizer })
    return app2(event, lambdaContext())
  }
  const machine: Machine = {
    current: () =>
      Promise.resolve({
        idempotencySecret: machineSecret(null).idempotencySecret,
        send: async ({ headers, makeBody }) => {
          const { statusCode: status, body } = await askApp2(headers, Buffer.from(await makeBody()).toString())
          return answerOf(body, { status })
        },
      }),
  }
  const app1 = createLambdaHandler(
    createApp1({
      now: app1Clock.now,
      logger,
      allowedCallers: [
        { role: parseRoleArn('arn:aws:iam::111111111111:role/orders') ?? expect.fail(), permissions: ['create'] },
      ],
      human: rulesOf(app1Clock),
      machine,
      sealer: { seal: () => Promise.resolve('sealed') },
      app2: createApp2Client({ baseUrl: new URL('https://app2.example.com') }),
    }),
    logger,
  )
  const headersOf = (token: string | undefined) => ({
    'content-type': 'application/json',
    ...(token !== undefined && { 'x-human-token': token }),
  })
  const read = ({ statusCode, body }: { readonly statusCode: number; readonly body: string }): HumanAnswer => ({
    status: statusCode,
    code: (JSON.parse(body) as { readonly code?: unknown }).code,
  })
  return {
    app1Clock,
    app2Clock,
    create: async (token, body) => {
      const userArn = 'arn:aws:sts::111111111111:assumed-role/orders/session'
      const event = httpEvent({ userArn, headers: headersOf(token), body: JSON.stringify(body) })
      return read(await app1(event, lambdaContext()))
    },
    createInApp2: async (token, body) => read(await askApp2(headersOf(token), JSON.stringify(body))),
    made: () => directory.users.length,
    lines: () => logger.lines,
  }
}
