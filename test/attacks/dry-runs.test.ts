// Dry runs: spelt nearly right they create nothing; and who asks check-users, which looks for them, without being App1.
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createApp } from '#services/app2-accounts/check-users/app.ts'
import { gatewayResponses } from '#infra/deploy/gateway-responses.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { signRequest } from '#shared/client/sign-request.ts'
import { createCallerReader, type AccessSource } from '#shared/http/access-source.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import { inProcess } from '../../infra/emulators/gateway/lambda-function.ts'
import { startRestApi } from '../../infra/emulators/gateway/rest-api.ts'
import { invokePolicy, newSigningCredential } from '../../infra/emulators/gateway/signing-credential.ts'
import { lambdaContext, restEvent } from '../support/events.ts'
import { recordingLogger } from '../support/logger.ts'
import { provisioningId, serviceUserRequest } from '../support/requests.ts'
import { expectRefused, setUpJobs, type JobsBench } from './support/jobs-bench.ts'
import { countAttack } from './support/repel.ts'

let bench: JobsBench
beforeEach(async () => {
  bench = await setUpJobs()
})

const invalid = { status: 400, code: 'invalid_request' }

describe('a dry run that is spelt nearly right', () => {
  const body = { rows: [serviceUserRequest()] }
  const spelt = [
    ...['dry_run', 'dry_run=', 'dry_run=1', 'dry_run=yes', 'dry_run=on', 'dry_run=TRUE', 'dry_run=True', 'dry_run=tru'],
    ...[
      'dry_run=true%20',
      'dry_run=+true',
      'dry_run=%22true%22',
      'dry_run=true%00',
      'dry_run=true,false',
      'dry_run=ｔrue',
    ],
    ...[
      'DRY_RUN=true',
      'Dry_Run=true',
      'dryRun=true',
      'dryrun=true',
      'dry-run=true',
      'dry_runs=true',
      'dry_run%20=true',
    ],
    ...['dry_run[]=true', 'dry_run[0]=true', 'dry.run=true', '_dry_run=true', 'dry_run=true;x', 'x=1&dry_run=true'],
    ...['dry_run=true&dry_run=true', 'dry_run=true&dry_run=false', 'dry_run=false&dry_run=true', 'dry_run=true&x=1'],
    ...['dry_run=true&dry%5Frun=false', 'dry_run=false&dry_run=false', 'preview=true', 'check=true', 'simulate=true'],
  ]

  it.for(spelt)('%s creates nothing', async (query, context) => {
    await expectRefused(bench, 'POST /jobs', { body, query }, invalid, context)
    await expectRefused(bench, 'POST /create-service-user', { body: serviceUserRequest(), query }, invalid, context)
  })

  it.for(['dry_run=true', 'dry%5Frun=true', 'dry_run=%74rue', 'dry_run=true&', '&dry_run=true'])(
    '%s is one: it looks, and keeps and makes nothing',
    async (query, { task }) => {
      const kept = JSON.stringify([...bench.store.kept, ...bench.store.keptRows, ...bench.store.sent])
      const answers = [
        await bench.call('POST /jobs', { body, query }),
        await bench.call('POST /create-service-user', { body: serviceUserRequest(), query }),
      ]

      const asked = bench.app2.asked.map(({ path }) => path)
      countAttack(task, [asked.includes('/admin/create-user')])
      expect(answers).toMatchObject([{ status: 200 }, { status: 200 }])
      expect(asked).toEqual(['/admin/check-users', '/admin/check-users'])
      expect(JSON.stringify([...bench.store.kept, ...bench.store.keptRows, ...bench.store.sent])).toBe(kept)
    },
  )

  it.for([...spelt.filter((query) => /^dry_run(=|$|&)/.test(query)), 'dry_run=true', 'dry_run=false'])(
    '%s creates nothing where there are no dry runs',
    async (query, context) => {
      bench = await setUpJobs({ hasDryRuns: false })

      await expectRefused(bench, 'POST /create-service-user', { body: serviceUserRequest(), query }, invalid, context)
    },
  )

  it('of more rows than are answered at once asks App2 nothing', async (context) => {
    const rows = Array.from({ length: 1_001 }, (_, row) => serviceUserRequest({ username: `worker-${row}` }))

    await expectRefused(bench, 'POST /jobs', { body: { rows }, query: 'dry_run=true' }, invalid, context)
  })
})

describe('check-users, which tells who has which name', () => {
  const body = JSON.stringify({
    rows: [{ username: 'orders-worker', provisioning_id: provisioningId }],
    requested_by: 'r',
  })
  const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/${name}`

  /** Its function, with the names that it looked for. */
  function checkUsers(source: AccessSource) {
    const logger = recordingLogger()
    const looked: string[] = []
    const app = createApp({
      ...{ now: Date.now, logger, passwordReaders: [], sleep: () => Promise.resolve() },
      readCaller: createCallerReader(source, { now: Date.now }),
      directory: {
        read: (username) => {
          looked.push(username)
          return Promise.reject(new UserMissingError())
        },
      },
      pace: { take: () => ({ taken: true }) },
    })
    return { looked, handler: createLambdaHandler(app, logger) }
  }

  const user = { sub: 's', client: 'machine', token: 'user', groups: 'api-client', scopes: '' }
  const client = { sub: 's', client: 'machine', token: 'machine', groups: '', scopes: 'app2/users.create' }

  const ask = async (authorizer: unknown) => {
    const { handler, looked } = checkUsers({ from: 'authorizer' })
    const { statusCode } = await handler(
      restEvent({ resource: '/admin/check-users', body, authorizer }),
      lambdaContext(),
    )
    return { status: statusCode, looked: looked.length }
  }

  it.each([user, client])('looks for %j, so that a refusal below means something', async (authorizer) => {
    expect(await ask(authorizer)).toEqual({ status: 200, looked: 1 })
  })

  it.for<[string, unknown, number]>([
    ['nobody', undefined, 401],
    ['a service user', { ...user, client: 'service', groups: 'service-user' }, 403],
    ['a service user in the machine’s group', { ...user, client: 'service' }, 403],
    ['a machine user in the group of service users', { ...user, groups: 'service-user' }, 403],
    ['a machine user that changes users, and makes none', { ...user, groups: 'api-admin' }, 403],
    ['a machine user in no group', { ...user, groups: '' }, 403],
    ['a machine user with the scope', { ...user, groups: 'app2/users.create' }, 403],
    ['a machine that reads', { ...client, scopes: 'app2/users.read' }, 403],
    [
      'a machine that does all but create',
      { ...client, scopes: 'app2/users.read app2/users.write app2/users.delete' },
      403,
    ],
    ['a machine with a scope of its name', { ...client, scopes: 'app2/users.check app2/check-users' }, 403],
    ['a service’s client with the scope', { ...client, client: 'service' }, 403],
    ['a service’s client', { ...client, client: 'service', scopes: 'app2/sample.call' }, 403],
    ['a role, where tokens count', { principal: 'provisioner', token: 'principal', sub: roleArn('jobs') }, 401],
  ])('does not look for %s', async ([, authorizer, status], { task }) => {
    const answer = await ask(authorizer)

    countAttack(task, [answer.looked > 0])
    expect(answer).toEqual({ status, looked: 0 })
  })

  it('in sigv4 looks for App1 and jobs; other roles are refused by IAM, and those that IAM lets in by itself', async ({
    task,
  }) => {
    const provisioners = ['app1-provisioner', 'jobs'].map((name) => parseRoleArn(roleArn(name)) ?? expect.fail())
    const { handler, looked } = checkUsers({ from: 'iam', provisioners })
    const signer = (name: string, ...methods: string[]) =>
      newSigningCredential({
        arn: `arn:aws:sts::123456789012:assumed-role/${name}/session`,
        policy: invokePolicy(...methods),
      })
    // As templates/modes/sigv4.yml has them (App2's own invoke nothing); and as somebody might widen them.
    const own = ['app1-provisioner', 'jobs'].map((name) => signer(name, 'POST/admin/check-users'))
    const others = [
      signer('job-worker', 'POST/admin/create-user'),
      ...['manage-users', 'create-user'].map((name) => signer(name, 'POST/none')),
    ]
    const widened = ['job-worker', 'manage-users', 'create-user', 'jobs-2', 'Jobs'].map((name) => signer(name, '*'))
    const api = await startRestApi({
      gatewayResponses: gatewayResponses(),
      credentials: [...own, ...others, ...widened],
      routes: [
        {
          ...{ method: 'POST', path: '/admin/check-users', authorization: { kind: 'iam' } },
          function: inProcess(handler, { name: 'check-users', timeoutMs: 5_000 }),
        },
      ],
    })
    onTestFinished(() => api.close())
    const statusFor = async (credentials: ReturnType<typeof signer>): Promise<number> => {
      const before = looked.length
      const url = new URL(`${api.url}/admin/check-users`)
      const request = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body }
      const headers = await signRequest(request, { credentials, region: 'us-east-1', now: Date.now })
      const { status } = await fetch(url, { method: 'POST', headers, body })
      if (!own.includes(credentials)) countAttack(task, [looked.length > before])
      return status
    }
    const all = (credentials: typeof own) => Promise.all(credentials.map(statusFor))

    expect(await all(own)).toEqual([200, 200])
    expect(await all(others)).toEqual([403, 403, 403])
    expect(await all(widened)).toEqual([401, 401, 401, 401, 401])
    expect(looked).toHaveLength(2)
  })
})
