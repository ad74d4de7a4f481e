import {
  CognitoIdentityProviderClient,
  GetClientTokenCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from '#test/support/mock-client.ts'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { MachineAuthChoice } from '#services/app1-provisioner/config.ts'
import { createMachine } from '#services/app1-provisioner/machine/select-machine.ts'
import { ServiceError } from '#shared/errors.ts'
import type { SendOnce } from '#shared/aws/send-once.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { answerOf } from '#test/support/answers.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { storedMachineSecret, unsignedToken } from '#test/support/machine-secrets.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const secretsManager = mockClient(SecretsManagerClient)

afterAll(() => {
  cognito.restore()
  secretsManager.restore()
})

const app2 = new URL('https://app2.example/')

const modes: readonly MachineAuthChoice[] = [
  { mode: 'password' },
  { mode: 'client-token' },
  { mode: 'client-credentials', tokenEndpoint: new URL('https://pool.example/oauth2/token') },
]

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'ask' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('ask at once' as const), times: fc.integer({ min: 2, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'ask with a refused token' } as const) },
  { weight: 2, arbitrary: fc.constant({ do: 'rotate' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 1_999, 2_000, 29_999, 30_000, 60_000, 225_000, 300_000, 900_000, 3_600_000),
    }),
  },
)

/** What Cognito says to an attempt, whatever the credentials are worth. */
const answer = fc.constantFrom('take', 'reject', 'throttle', 'fail', 'misconfigured', 'wrong_scope')
type Answer = typeof answer extends fc.Arbitrary<infer Value> ? Value : never

/** Plays `steps` with Cognito answering as `answers` say, and tells which credentials were sent in which order. */
async function play(machineAuth: MachineAuthChoice, steps: readonly Step[], answers: readonly Answer[]) {
  const clock = manualClock()
  const sent: { credentials: string; answer: Answer }[] = []
  let version = 1

  const attempt = (credentials: string): Answer => {
    const next = answers[sent.length] ?? 'take'
    sent.push({ credentials, answer: next })
    return next
  }
  const tokenFor = (said: Answer): string =>
    unsignedToken({ scope: said === 'wrong_scope' ? 'app2/sample.call' : 'app2/users.create', nth: sent.length })
  const named = (name: string): Error => Object.assign(new Error(), { name })
  const sdkErrors: Partial<Record<Answer, Error>> = {
    reject: named('NotAuthorizedException'),
    throttle: named('TooManyRequestsException'),
    fail: named('TimeoutError'),
    misconfigured: named('InvalidParameterException'),
  }
  const bySdk = (credentials: string): Promise<{ AccessToken: string; ExpiresIn: number }> => {
    const said = attempt(credentials)
    const error = sdkErrors[said]
    return error === undefined
      ? Promise.resolve({ AccessToken: tokenFor(said), ExpiresIn: 300 })
      : Promise.reject(error)
  }
  const statuses = { take: 200, wrong_scope: 200, reject: 400, throttle: 429, fail: 503, misconfigured: 403 } as const

  secretsManager.reset()
  secretsManager.on(GetSecretValueCommand).callsFake(() =>
    Promise.resolve({
      VersionId: `version-${version}`,
      SecretString: storedMachineSecret({
        username: 'u',
        password: `version-${version}`,
        client_id: 'c',
        client_secret: 's',
        scope_client_id: 'c',
        scope_client_secret: `version-${version}`,
      }),
    }),
  )
  cognito.reset()
  cognito.on(InitiateAuthCommand).callsFake(async ({ AuthParameters }: { AuthParameters: { PASSWORD: string } }) => ({
    AuthenticationResult: await bySdk(AuthParameters.PASSWORD),
  }))
  cognito.on(GetClientTokenCommand).callsFake(async ({ Secret }: { Secret: string }) => ({
    ClientAuthenticationResult: await bySdk(Secret),
  }))
  let refuses = false
  const send: SendOnce = ({ url, headers = {} }) => {
    if (url === app2) {
      const status = refuses ? 401 : 201
      refuses = false
      return Promise.resolve(answerOf({}, { status }))
    }
    const [, encoded = ''] = headers['authorization']?.split(' ') ?? []
    const said = attempt(Buffer.from(encoded, 'base64').toString('utf8').replace('c:', ''))
    const body =
      said === 'reject'
        ? { error: 'invalid_client' }
        : { access_token: tokenFor(said), token_type: 'Bearer', expires_in: 300 }
    return Promise.resolve(answerOf(body, { status: statuses[said] }))
  }

  const machine = createMachine(
    { region: 'eu-west-1', userPoolId: 'eu-west-1_TestPool1', machineSecretArn: 'arn', machineAuth },
    {
      secretsManager: new SecretsManagerClient({ region: 'eu-west-1' }),
      send,
      now: clock.now,
      logger: recordingLogger(),
    },
  )
  const failures: unknown[] = []
  const request = {
    url: app2,
    headers: {},
    scope: 'app2/users.create' as const,
    makeBody: () => Promise.resolve(Buffer.of()),
  }
  const ask = async (): Promise<void> => {
    try {
      const current = await machine.current(farDeadline())
      await current.send(request, { deadline: farDeadline(), timer: createStepTimer(() => 0) })
    } catch (error) {
      failures.push(error)
    }
  }
  await ask()
  for (const taken of steps) {
    switch (taken.do) {
      case 'ask':
        await ask()
        break
      case 'ask at once':
        await Promise.all(Array.from({ length: taken.times }, ask))
        break
      case 'ask with a refused token':
        refuses = true
        await ask()
        refuses = false
        break
      case 'rotate':
        version += 1
        break
      case 'wait':
        clock.advance(taken.ms)
        break
    }
  }
  return { sent, failures }
}
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

describe.each(modes)('whatever happens with %j', (machineAuth) => {
  it('credentials that were rejected are never sent again, and every failure is one with a public meaning', async () => {
    const plays = fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(answer, { minLength: 1, maxLength: 12 }),
      async (steps, answers) => {
        const { sent, failures } = await play(machineAuth, steps, answers)

        const condemned = new Set<string>()
        for (const { credentials, answer: said } of sent) {
          expect(condemned.has(credentials)).toBe(false)
          if (said === 'reject') condemned.add(credentials)
        }
        expect(sent.length).toBeGreaterThan(0)
        expect(failures.filter((failure) => !(failure instanceof ServiceError))).toEqual([])
      },
    )

    await fc.assert(plays)
  })
})
