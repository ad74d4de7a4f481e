// App1 and App2 in an account each, proven from their templates: who is let in where, what they refer to, and what they know when.
import { existsSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod/mini'
import { readyLines } from '#infra/deploy/sides/links.ts'
import { referencesIn } from '#infra/deploy/references.ts'
import { matchesWildcards } from '#infra/emulators/iam-policy.ts'
import { readConfig as readApp1 } from '#services/app1-provisioner/config.ts'
import { readConfig as readJobWorker } from '#services/app1-provisioner/job-worker/config.ts'
import { readConfig as readJobs } from '#services/app1-provisioner/jobs/config.ts'
import { readAcceptedRoles } from '#services/app2-accounts/authorizer/accepted-roles.ts'
import { readConfig as readCheckUsers } from '#services/app2-accounts/check-users/config.ts'
import { readConfig as readCreateUser } from '#services/app2-accounts/create-user/config.ts'
import { readConfig as readManageUsers } from '#services/app2-accounts/manage-users/config.ts'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'
import { dashboardMetrics } from './dashboard.ts'
import { outputsOf, resolveIn } from './deployed-stack.ts'
import { otherSide, places, states, type OneSide, type State } from './side-variants.ts'
import { functions, ofType, packagedFile, readPackagedTemplate, stringsIn, type Template } from './template.ts'

const sides: readonly OneSide[] = ['app1', 'app2']
const account = (side: OneSide): string => places[side].account
const rootOf = (side: OneSide): string => `arn:aws:iam::${account(side)}:root`
const templateOf = (mode: MachineAuth, side: OneSide, state: State): Template =>
  readPackagedTemplate(`${mode}-${side}-${state}`)

const texts = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((given) => [given].flat()),
)
const condition = z.record(z.string(), z.record(z.string(), z.unknown()))
const statement = z.object({
  Sid: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.optional(z.unknown()),
  Action: texts,
  Resource: texts,
  Condition: z._default(condition, {}),
})
const document = z.object({ Statement: z.array(statement) })

/** An Allow of a policy: by a role's own, or by the policy of what it is for. */
type Grant = { readonly role: string; readonly action: string; readonly resource: string; readonly when: Conditions }
type Conditions = z.output<typeof condition>

const named = ({ role, action, resource }: Grant): string => `${role} ${action} ${resource}`

/** What the roles of the stack are allowed on what is not of its own account, by their own policies. */
async function ownGrants(template: Template, side: OneSide): Promise<Grant[]> {
  const policies = ofType(template, 'AWS::IAM::Policy').map(async ([, { Properties }]) => {
    const { Roles, PolicyDocument } = Properties
    const [roles, { Statement }] = [
      await Promise.all(
        referencesIn(Roles).map((role) => resolveIn(template, { 'Fn::GetAtt': [role, 'Arn'] }, places[side])),
      ),
      document.parse(await resolveIn(template, PolicyDocument, places[side])),
    ]
    return Statement.flatMap(({ Action, Resource, Condition }) =>
      roles.flatMap((role) =>
        Action.flatMap((action) =>
          Resource.map((resource) => ({ role: String(role), action, resource, when: Condition })),
        ),
      ),
    )
  })
  const all = (await Promise.all(policies)).flat()
  return all.filter(({ resource }) => resource.startsWith('arn:') && resource.split(':')[4] !== account(side))
}

/** The policies that resources of the stack have, with the ARN that `*` in them stands for. */
async function resourcePolicies(template: Template, side: OneSide) {
  const kinds = { 'AWS::KMS::Key': 'KeyPolicy', 'AWS::SecretsManager::ResourcePolicy': 'ResourcePolicy' } as const
  const found = Object.entries(kinds).flatMap(([type, property]) =>
    ofType(template, type).map(([logicalId, { Properties }]) => {
      const ofWhat = [...referencesIn(Properties['SecretId']), logicalId][0] ?? ''
      return { logicalId: ofWhat, policy: Properties[property] }
    }),
  )
  const apis = ofType(template, 'AWS::ApiGateway::RestApi').flatMap(([logicalId, { Properties }]) =>
    typeof Properties['Policy'] === 'object' ? [{ logicalId, policy: Properties['Policy'] }] : [],
  )
  return Promise.all(
    [...found, ...apis].map(async ({ logicalId, policy }) => {
      const arn = String(await resolveIn(template, { 'Fn::GetAtt': [logicalId, 'Arn'] }, places[side]))
      const api = `arn:aws:execute-api:${places[side].region}:${account(side)}:${logicalId.toLowerCase()}`
      const { Statement } = document.parse(await resolveIn(template, policy, places[side]))
      const inFull = (resource: string): string => (resource === '*' ? arn : resource.replace(/^execute-api:/, api))
      return Statement.map((each) => ({ ...each, Resource: each.Resource.map(inFull) }))
    }),
  ).then((statements) => statements.flat())
}

/** What resources of the stack allow to roles of the other account. Any other principal of it fails the test. */
async function grantsToOther(template: Template, side: OneSide): Promise<Grant[]> {
  const other = otherSide(side)
  const statements = (await resourcePolicies(template, side)).filter(
    ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal).includes(account(other)),
  )
  return statements.flatMap(({ Sid, Principal, Action, Resource, Condition }) => {
    expect([Sid, Principal]).toEqual([Sid, { AWS: rootOf(other) }])
    const { 'aws:PrincipalArn': roles, ...equal } = Condition['StringEquals'] ?? {}
    const when = { ...Condition, ...(Object.keys(equal).length > 0 && { StringEquals: equal }) }
    if (Object.keys(equal).length === 0) Reflect.deleteProperty(when, 'StringEquals')
    return texts
      .parse(roles)
      .flatMap((role) => Action.flatMap((action) => Resource.map((resource) => ({ role, action, resource, when }))))
  })
}

/** Whether whatever fits `narrow` fits `wide`: the same keys, and values that are the same or fit a pattern. */
function isWithin(narrow: Conditions, wide: Conditions): boolean {
  const keys = (of: Conditions) => Object.values(of).flatMap((values) => Object.entries(values))
  const found = new Map(keys(narrow))
  return keys(wide).every(([key, value]) => {
    const own = found.get(key)
    if (typeof value !== 'string' || typeof own !== 'string') return JSON.stringify(own) === JSON.stringify(value)
    return matchesWildcards(value, own)
  })
}

async function variablesOf(template: Template, side: OneSide, name: string): Promise<Record<string, string>> {
  const properties = template.Resources[`${name}LambdaFunction`]?.Properties
  const environment = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) })
  const resolved = await resolveIn(template, { Environment: properties?.['Environment'] }, places[side])
  return { AWS_REGION: places[side].region, ...environment.parse(resolved).Environment.Variables }
}

describe.each(machineAuthModes)('App1 and App2 in two accounts, with %s,', (mode) => {
  const hasCredentials = !['sigv4', 'sts-token'].includes(mode)
  const of = (side: OneSide, state: State): Template => templateOf(mode, side, state)

  it('let App1’s roles do on both sides what they need, and nothing else on either', async () => {
    const [own, given] = [
      await ownGrants(of('app1', 'linked'), 'app1'),
      await grantsToOther(of('app2', 'linked'), 'app2'),
    ]
    const expected = [
      ...['App1Provisioner', 'Jobs', 'JobWorker'].map((role) => `${role} kms:Encrypt PasswordKey`),
      ...(hasCredentials
        ? ['App1Provisioner', 'Jobs', 'JobWorker'].flatMap((role) => [
            `${role} secretsmanager:GetSecretValue MachineSecret`,
            `${role} kms:Decrypt MachineSecretKey`,
          ])
        : []),
    ]
    const short = (grant: Grant): string =>
      named(grant).replaceAll(/arn:\S*[:/](?:latchkey-dev-app1-)?(\w+?)(?:Role)?(?:-X1\S*)?(?=\s|$)/g, '$1')
    const apart = (grants: readonly Grant[]) => grants.filter(({ action }) => action !== 'execute-api:Invoke')

    expect(own.map(named).toSorted()).toEqual(given.map(named).toSorted())
    expect(apart(given).map(short).toSorted()).toEqual(expected.toSorted())
    // Of App2 nothing is asked of App1's account, and nothing of App1's is open to it.
    expect(await ownGrants(of('app2', 'linked'), 'app2')).toEqual([])
    expect(await grantsToOther(of('app1', 'linked'), 'app1')).toEqual([])
    for (const grant of own) {
      const same = given.find((other) => named(other) === named(grant))
      expect([named(grant), isWithin(grant.when, same?.when ?? {})]).toEqual([named(grant), true])
      if (grant.action !== 'secretsmanager:GetSecretValue' && grant.action !== 'execute-api:Invoke') {
        expect(Object.keys(same?.when ?? {})).not.toEqual([])
      }
    }
  })

  it('open the API by roles with sigv4 alone: each its routes, everybody’s health, and /sample to no role', async () => {
    const [own, statements] = [
      (await ownGrants(of('app1', 'linked'), 'app1')).filter(({ action }) => action === 'execute-api:Invoke'),
      (await resourcePolicies(of('app2', 'linked'), 'app2')).filter(({ Action }) =>
        Action.includes('execute-api:Invoke'),
      ),
    ]
    const api = 'arn:aws:execute-api:eu-west-1:222222222222:apigatewayrestapi/dev'

    if (mode !== 'sigv4') {
      expect([own, statements]).toEqual([[], []])
      return
    }
    const everybodys = statements.filter(({ Principal }) => Principal === '*')
    expect(everybodys.map(({ Effect, Resource }) => [Effect, Resource])).toEqual([['Allow', [`${api}/GET/health`]]])
    expect(statements.flatMap(({ Resource }) => Resource).filter((arn) => /\*|sample/.test(arn))).toEqual([])
    expect(own.filter(({ role }) => role.includes('JobsRole')).map(({ resource }) => resource)).toEqual([
      `${api}/POST/admin/check-users`,
    ])
    expect(own.filter(({ role }) => role.includes('JobWorkerRole')).map(({ resource }) => resource)).toEqual([
      `${api}/POST/admin/create-user`,
    ])
  })

  it('name everybody in no policy but for what is refused or harmless', async () => {
    for (const side of sides) {
      const open = (await resourcePolicies(of(side, 'linked'), side)).filter(
        ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal).includes('*'),
      )
      expect(open.map(({ Sid }) => Sid)).toEqual(mode === 'sigv4' && side === 'app2' ? ['Health'] : [])
    }
  })

  it.each(sides)('refer from %s to nothing that is not there, and know of the other what it has told', async (side) => {
    const lines = readyLines(otherSide(side), await outputsOf(of(otherSide(side), 'linked'), places[otherSide(side)]))
    const told = lines.map((line) => line.slice(line.indexOf('=') + 1))
    for (const state of states) {
      const { Resources, Outputs } = of(side, state)
      const foreign = stringsIn([Resources, Outputs]).filter((text) => text.includes(account(otherSide(side))))
      const isTold = (text: string): boolean =>
        text === rootOf(otherSide(side)) ||
        text.split(',').every((part) => told.some((value) => part === value || part.startsWith(`${value}/`)))

      expect(referencesIn([Resources, Outputs]).filter((name) => !Object.hasOwn(Resources, name))).toEqual([])
      expect(foreign.filter((text) => state === 'alone' || !isTold(text))).toEqual([])
      // Each line is of use.
      if (state === 'linked') {
        const all = JSON.stringify(Resources)
        expect(told.filter((value) => !all.includes(value))).toEqual([])
      }
    }
  })

  it('have together what one stack of both has, each resource once, and what both need of their own', () => {
    const isOfDeployment = (name: string): boolean => name.startsWith('ApiGatewayDeployment')
    const idsOf = (template: Template): string[] =>
      Object.keys(template.Resources).filter((name) => !isOfDeployment(name))
    const [app1, app2] = [idsOf(of('app1', 'linked')), idsOf(of('app2', 'linked'))]
    const both = idsOf(readPackagedTemplate(`${mode}-both`))

    expect([...new Set([...app1, ...app2])].toSorted()).toEqual(both.toSorted())
    expect(app1.filter((name) => app2.includes(name)).toSorted()).toEqual([
      ...['AccessDeniedAlarm', 'AlarmKey', 'Dashboard', 'FunctionFailedAlarm', 'JobFunctionFailedAlarm'],
      ...['OperationsEmail', 'OperationsTopic', 'OperationsTopicPolicy', 'RefusalSurgeAlarm', 'SecurityEmail'],
      ...['SecurityTopic', 'SecurityTopicPolicy', 'ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy'],
    ])
    expect(app1.includes('MachineSecret')).toBe(!hasCredentials)
    for (const side of sides) {
      const present = Object.entries(functions).filter(([, start]) =>
        idsOf(of(side, 'linked')).includes(`${start}LambdaFunction`),
      )
      expect(present.map(([name]) => existsSync(packagedFile(`${mode}-${side}-linked`, 'dist', name)))).not.toContain(
        false,
      )
    }
  })

  it('grant each function the actions that it has in one stack of both', () => {
    const granted = (template: Template, role: string): string[] =>
      ofType(template, 'AWS::IAM::Policy')
        .filter(([, { Properties }]) => referencesIn(Properties['Roles']).includes(role))
        .flatMap(
          ([, { Properties }]) =>
            z.object({ Statement: z.array(z.object({ Action: texts })) }).parse(Properties['PolicyDocument']).Statement,
        )
        .flatMap(({ Action }) => Action)
        .toSorted()
    for (const side of sides) {
      for (const [role] of ofType(of(side, 'linked'), 'AWS::IAM::Role')) {
        expect([role, granted(of(side, 'linked'), role)]).toEqual([
          role,
          granted(readPackagedTemplate(`${mode}-both`), role),
        ])
      }
    }
  })

  it('show on each dashboard and alarm on what the side has', () => {
    for (const side of sides) {
      const template = of(side, 'linked')
      const names = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) =>
        String(Properties['FunctionName']),
      )
      const written = stringsIn(ofType(template, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties))
      const shown = dashboardMetrics(template)

      expect(shown.functionNames.filter((name) => !names.includes(name))).toEqual([])
      expect(
        shown.own.map((metric) => metric.split(',')[0] ?? '').filter((metric) => !written.includes(metric)),
      ).toEqual([])
      expect(shown.own.length).toBeGreaterThan(8)
      expect(shown.ofAws.some((metric) => metric.includes(side === 'app1' ? 'ApiName' : 'ApiId'))).toBe(false)
    }
  })

  // Both orders are deployed by three commands: whoever is first is deployed once more, with the lines of the second.
  it.each([
    ['app1', 'app2'],
    ['app2', 'app1'],
  ] as const)('are a pair in the end when %s is deployed first, and then %s', async (first, second) => {
    const linesOf = async (side: OneSide, state: State): Promise<string[]> =>
      readyLines(side, await outputsOf(of(side, state), places[side]))

    // What the first tells before it knows the other is what it tells afterwards, and nothing that was made is made anew.
    expect(await linesOf(first, 'alone')).toEqual(await linesOf(first, 'linked'))
    expect((await linesOf(second, 'linked')).length).toBeGreaterThan(0)
    const kept = Object.keys(of(first, 'linked').Resources)
    expect(
      Object.keys(of(first, 'alone').Resources).filter(
        (name) => !kept.includes(name) && !name.startsWith('ApiGatewayDeployment'),
      ),
    ).toEqual([])
    expect(await grantsToOther(of('app2', 'alone'), 'app2')).toEqual([])
    expect(await ownGrants(of('app1', 'alone'), 'app1')).toEqual([])
  })

  it('have functions that start, and App1 says whether it knows App2', async () => {
    const readers = { App1Provisioner: readApp1, Jobs: readJobs, JobWorker: readJobWorker }
    const ofApp2 = { CreateUser: readCreateUser, CheckUsers: readCheckUsers, ManageUsers: readManageUsers }
    for (const [name, read] of Object.entries(readers)) {
      const [alone, linked] = [
        await variablesOf(of('app1', 'alone'), 'app1', name),
        await variablesOf(of('app1', 'linked'), 'app1', name),
      ]
      const callers = 'ALLOWED_CALLERS' in linked ? { ALLOWED_CALLERS: 'arn:aws:iam::111111111111:role/x' } : {}

      expect(alone).toMatchObject({ APP2_ACCOUNT: 'none' })
      expect(alone).not.toHaveProperty('APP2_URL')
      expect(read({ ...linked, ...callers })).toMatchObject({ app2Account: 'other', machineAuth: { mode } })
    }
    for (const state of states) {
      const template = of('app2', state)
      for (const [name, read] of Object.entries(ofApp2)) {
        const variables = await variablesOf(template, 'app2', name)

        expect(() => read(variables)).not.toThrow()
        if (!hasCredentials) expect(variables['PROVISIONER_ROLE_ARNS'] === 'none').toBe(state === 'alone')
      }
      const roles = readAcceptedRoles(await variablesOf(template, 'app2', 'Authorizer'))?.rules
      const counts = [roles?.roles.length, roles?.functions?.length]
      expect(counts).toEqual(mode === 'sts-token' ? Array(2).fill(state === 'alone' ? 0 : 3) : [undefined, undefined])
    }
  })
})

describe('an App1 that is deployed before App2', () => {
  const handlerSchema = z.object({ handler: z.custom<(event: unknown, context: object) => Promise<unknown>>() })

  it.each([
    ['app1-provisioner', 'App1Provisioner', 'POST /create-service-user'],
    ['jobs', 'Jobs', 'POST /jobs'],
  ])('has a function %s that starts, is healthy, and not ready', async (name, start, routeKey) => {
    const variables = await variablesOf(readPackagedTemplate('password-app1-alone'), 'app1', start)
    for (const [variable, value] of Object.entries(variables)) vi.stubEnv(variable, value)
    const { handler } = handlerSchema.parse(
      await import(packagedFile('password-app1-alone', 'dist', name, 'handler.mjs')),
    )
    const ask = async (route: string): Promise<unknown> => {
      const [method, path] = route.split(' ')
      const requestContext = { http: { method, path } }
      const event = {
        version: '2.0',
        routeKey: route,
        rawPath: path,
        rawQueryString: '',
        headers: {},
        requestContext,
        isBase64Encoded: false,
      }
      return handler(event, { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 10_000 })
    }

    expect(await ask('GET /health')).toMatchObject({ statusCode: 200 })
    expect(await ask(routeKey)).toMatchObject({
      statusCode: 503,
      body: expect.stringContaining('"code":"not_ready"') as string,
    })
  })

  it('has nothing that runs by itself', () => {
    const { Resources } = readPackagedTemplate('password-app1-alone')
    const running = Object.values(Resources).filter(({ Type }) => /EventSourceMapping|Scheduler::Schedule/.test(Type))

    expect(running).toEqual([])
  })
})
