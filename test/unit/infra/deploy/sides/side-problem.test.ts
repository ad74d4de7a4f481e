import { describe, expect, it } from 'vitest'
import type { PairModes } from '#infra/deploy/modes.ts'
import { linkNames, type LinkName } from '#infra/deploy/sides/links.ts'
import type { Side } from '#infra/deploy/sides/owners.ts'
import { sideProblem } from '#infra/deploy/sides/side-problem.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'

const region = 'eu-west-1'
const role = (name: string, account = '111111111111'): string => `arn:aws:iam::${account}:role/${name}`
const lambda = (name: string): string => `arn:aws:lambda:eu-central-1:111111111111:function:${name}`
const key = `arn:aws:kms:${region}:222222222222:key/0a`

const known = {
  app2Url: `https://a1.execute-api.${region}.amazonaws.com/dev`,
  app2UserPoolId: `${region}_Ab1`,
  app2PasswordKeyArn: key,
  app2MachineSecretArn: `arn:aws:secretsmanager:${region}:222222222222:secret:MachineSecret-x1`,
  app2MachineSecretKeyArn: key,
  app2TokenEndpoint: 'https://latchkey-dev-app2-222222222222.auth.eu-west-1.amazoncognito.com/oauth2/token',
  app2ApiArn: `arn:aws:execute-api:${region}:222222222222:a1/dev`,
  app1ProvisionerRole: role('provisioner'),
  app1JobsRole: role('jobs'),
  app1JobWorkerRole: role('worker'),
  app1ProvisionerFunction: lambda('provisioner'),
  app1JobsFunction: lambda('jobs'),
  app1JobWorkerFunction: lambda('worker'),
} as const satisfies Record<LinkName, string>

const [url, pool, sealing, secret, secretKey, endpoint, api, ...ofApp1] = linkNames
const [roles, functions] = [ofApp1.slice(0, 3), ofApp1.slice(3)]

type Given = {
  readonly side: Side
  readonly machineAuth?: MachineAuth
  readonly jobs?: boolean
  readonly stsFunctionCheck?: boolean
  readonly links?: readonly (LinkName | undefined)[]
  readonly values?: Partial<Record<LinkName, string>>
  readonly typed?: readonly string[]
  readonly in?: string
}

function problemOf({
  side,
  machineAuth = 'password',
  jobs = false,
  stsFunctionCheck = false,
  links = [],
  values = {},
  typed = [],
  ...given
}: Given) {
  const chosen: PairModes = {
    ...{ machineAuth, accepted: [machineAuth], app2Authorizer: 'lambda', lifeCycle: true, passwordReaders: [] },
    ...{ jobs, stsTokenPerRequest: false, stsFunctionCheck, side },
  }
  const all = Object.fromEntries(linkNames.map((name) => [name, links.includes(name) ? known[name] : 'none']))
  return sideProblem(chosen, { ...all, ...values }, { typed, region: given.in ?? region })
}

describe('the parameters of a side', () => {
  it.each<Given>([
    { side: 'both' },
    { side: 'app1' },
    { side: 'app2' },
    { side: 'app1', links: [url, pool, sealing, secret, secretKey] },
    { side: 'app1', machineAuth: 'client-token', links: [url, pool, sealing, secret, secretKey] },
    { side: 'app1', machineAuth: 'client-credentials', links: [url, pool, sealing, secret, secretKey, endpoint] },
    { side: 'app1', machineAuth: 'sigv4', links: [url, pool, sealing, api] },
    { side: 'app2', links: roles.slice(0, 1), in: 'us-east-1' },
    { side: 'app2', jobs: true, links: roles },
    // In serverless.yml, which is one for both.
    { side: 'app2', jobs: true, links: [url, pool, ...roles] },
    { side: 'app1', machineAuth: 'sigv4', links: [url, pool, sealing, api, ...roles] },
    // Without a credential that is read there, App1 may be in a Region of its own.
    { side: 'app1', machineAuth: 'sts-token', links: [url, pool, sealing], in: 'eu-central-1' },
    { side: 'app2', machineAuth: 'sts-token', jobs: true, links: roles, typed: ['stsIssuer=x'] },
    { side: 'app2', machineAuth: 'sts-token', stsFunctionCheck: true, jobs: true, links: [...roles, ...functions] },
    { side: 'app1', typed: ['allowedCallers=x', 'jobWorkers=3', 'tracing=Active'] },
    { side: 'app2', typed: ['accessTokenMinutes=5', 'tracing=Active'] },
  ])('go together: %j', (given) => {
    expect(problemOf(given)).toBeUndefined()
  })

  it.each<readonly [Given, string]>([
    [{ side: 'both', links: [url] }, 'app2Url goes with side=app1'],
    [{ side: 'both', links: roles }, 'app1ProvisionerRole goes with side=app2'],
    [
      { side: 'app1', links: roles.slice(0, 1), typed: ['app1ProvisionerRole=x'] },
      'app1ProvisionerRole is read by side=app2 alone',
    ],
    [
      { side: 'app2', links: [url, pool], typed: ['app2Url=x', 'app2UserPoolId=x', 'bulkShare=1'] },
      'app2Url, app2UserPoolId, bulkShare are read by side=app1 alone: leave them out for side=app2. The file app1.params has such lines; side=app2 takes app2.params.',
    ],
    [{ side: 'app1', typed: ['userPoolDeletionPolicy=Delete'] }, 'userPoolDeletionPolicy is read by side=app2 alone'],
    [{ side: 'app2', typed: ['allowedCallers=x'] }, 'allowedCallers is read by side=app1 alone'],
    [
      { side: 'app1', links: [url, pool] },
      'app2PasswordKeyArn, app2MachineSecretArn, app2MachineSecretKeyArn are missing. Give all lines of the file app1.params',
    ],
    [{ side: 'app2', jobs: true, links: roles.slice(0, 1) }, 'app1JobsRole, app1JobWorkerRole are missing'],
    [
      { side: 'app1', machineAuth: 'sigv4', links: [url, pool, sealing, api, secret] },
      'app2MachineSecretArn goes with another machineAuth',
    ],
    [
      { side: 'app2', machineAuth: 'sts-token', stsFunctionCheck: true, links: roles.slice(0, 1) },
      'app1ProvisionerFunction is missing',
    ],
    [{ side: 'app2', links: roles }, 'app1JobsRole goes with another machineAuth, machineAuthAlso or jobs'],
    [
      { side: 'app2', jobs: true, links: roles, values: { app1JobsRole: role('jobs', '333333333333') } },
      'app1ProvisionerRole, app1JobsRole, app1JobWorkerRole name several accounts',
    ],
    [
      {
        side: 'app1',
        links: [url, pool, sealing, secret, secretKey],
        values: { app2PasswordKeyArn: key.replace('222222222222', '333333333333') },
      },
      'name several accounts',
    ],
    [
      { side: 'app1', links: [url, pool, sealing, secret, secretKey], values: { app2UserPoolId: 'eu-west-2_Ab1' } },
      'name several Regions',
    ],
    [
      { side: 'app1', machineAuth: 'sigv4', links: [url, pool, sealing, api], in: 'us-east-1' },
      'App2 is in eu-west-1, and with this machineAuth App1 has to be there too: give --region eu-west-1.',
    ],
    [
      { side: 'app2', links: roles.slice(0, 1), in: 'us-gov-west-1' },
      'has to be in the Region’s own partition, aws-us-gov',
    ],
  ])('are refused: %j', (given, words) => {
    expect(problemOf(given)).toContain(words)
  })
})
