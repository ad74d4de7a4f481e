import { describe, expect, it } from 'vitest'
import { deploymentProblems, type Given } from '#infra/deploy/deployment-problems.ts'
import { parameters } from '#infra/deploy/parameters.ts'

type Name = keyof typeof parameters

const now = Date.UTC(2026, 10, 28, 12)
const role = 'arn:aws:iam::123456789012:role/caller'

/** As serverless.yml has them. */
const defaults = {
  allowedCallers: '',
  alarmEmail: 'none',
  securityEmail: 'none',
  machineAuth: 'password',
  machineAuthAlso: 'none',
  app2Authorizer: 'lambda',
  accessTokenMinutes: 15,
  authorizerTtlSeconds: 60,
  userPoolDeletionPolicy: 'Retain',
  userPoolDeletionProtection: 'ACTIVE',
  creationsPerSecond: 20,
  changesPerSecond: 4,
  deletionSurge: 20,
  lifeCycle: 'on',
  jobs: 'off',
  bulkShare: 0.75,
  jobWorkers: 2,
  app2RequestsPerSecond: 100,
  logRetentionDays: 30,
  refusalSurge: 100,
  tracing: 'PassThrough',
  apiGatewayLogRole: 'make',
}

const given: Given = {
  params: { default: defaults },
  typed: [],
  stage: 'dev',
  region: 'eu-west-1',
  service: 'latchkey',
  functionNames: ['latchkey-dev-sample'],
  now,
}

const key = 'arn:aws:kms:eu-west-1:123456789012:key/0a'
const keys = { good: ['none', key], bad: ['None', '*', 'alias/x', key.replace('key/0a', 'alias/x'), `${key},${key}`] }
const roles = {
  good: ['none', role],
  bad: ['None', '*', `${role}*`, `${role},${role}`, `${role}=create`, role.slice(4)],
}

const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:latchkey-dev-jobs'
const functions = { good: ['none', lambda], bad: ['None', 'latchkey-dev-jobs', `${lambda}:1`, `${lambda},${lambda}`] }

/** Just inside and just outside of what each parameter may be, as it is typed. */
const edges: Record<Name, { readonly good: readonly string[]; readonly bad: readonly string[] }> = {
  accessTokenMinutes: {
    good: ['5', '60'],
    bad: ['4', '61', '0', '-5', 'abc', '5.5', '5.0', '1e1', '05', '+5', ' 5', '5 ', '5\n6', '0x5', '٥', ' '],
  },
  authorizerTtlSeconds: { good: ['0', '60'], bad: ['61', '300', '-1', '0.5', '060', ' 60', '1e1', 'none', 'abc'] },
  creationsPerSecond: { good: ['1', '21'], bad: ['0', '26', '60', '12.5'] },
  changesPerSecond: { good: ['1', '5'], bad: ['0', '25', '1.5', 'all'] },
  deletionSurge: { good: ['1', '1000000'], bad: ['0', '1000001', 'none'] },
  lifeCycle: { good: ['on', 'off'], bad: ['On', 'true', 'yes', 'none'] },
  jobs: { good: ['on', 'off'], bad: ['On', 'true', 'yes', 'none'] },
  bulkShare: {
    good: ['0.05', '0.75', '1'],
    bad: ['0', '0.04', '1.0', '1.01', '.5', '75', '0,5', '0.12345', 'half', ''],
  },
  jobWorkers: { good: ['2', '20'], bad: ['1', '0', '21', '2.5', 'all'] },
  app2RequestsPerSecond: { good: ['1', '5000'], bad: ['0', '5001', '12.5'] },
  createUserConcurrency: { good: ['1', '1000'], bad: ['0', '-1', '1.5', 'all'] },
  sampleConcurrency: { good: ['1', '1000'], bad: ['0', '-1', '1.5', 'null'] },
  passwordReaders: {
    good: ['none', role, `${role},arn:aws:iam::210987654321:role/path/other`],
    bad: [
      ...['None', '*', 'arn:aws:iam::123456789012:role/*', `${role},${role}`, `${role}, ${role}x`, `${role};${role}`],
      ...['arn:aws:iam::123456789012:root', `${role},none`],
    ],
  },
  stsFunctionCheck: { good: ['on', 'off'], bad: ['On', 'true', 'none'] },
  stsIssuer: {
    good: ['none', 'https://abc123-def456.tokens.sts.global.api.aws'],
    bad: [
      ...['None', 'https://abc.tokens.sts.global.api.aws/', 'http://abc.tokens.sts.global.api.aws', 'https://abc'],
      ...[
        'https://evil.example/.tokens.sts.global.api.aws',
        'https://.tokens.sts.global.api.aws',
        'https://a.b.tokens.sts.global.api.aws',
      ],
    ],
  },
  stsTokenPerRequest: { good: ['on', 'off'], bad: ['On', 'true', 'none'] },
  humanIdentity: { good: ['claimed', 'verified'], bad: ['Verified', 'none', 'on', ''] },
  humanIssuers: {
    good: [
      ...['none', 'https://idp.example.com#email=portal', 'https://idp.example.com/t/#sub=api://a+https://b.example/c'],
      'https://idp.example.com#email=a,https://other.example.com/x#email=a',
    ],
    bad: [
      ...['', 'None', 'https://idp.example.com', 'https://idp.example.com#email', 'https://idp.example.com#email='],
      ...['http://127.0.0.1:8080#email=a', 'http://idp.example.com#email=a', 'ftp://idp.example.com#email=a'],
      ...[
        'https://idp.example.com#e mail=a',
        'https://idp.example.com#email=a b',
        'https://idp.example.com#email=a++b',
      ],
      ...[
        'https://idp.example.com#email=a+a',
        'https://u:p@idp.example.com#email=a',
        'https://IDP.example.com#email=a',
      ],
      ...[
        'https://idp.example.com?x#email=a',
        'https://idp.example.com#email=a,',
        'none,https://idp.example.com#email=a',
      ],
      'https://idp.example.com#email=a,https://idp.example.com#sub=a',
    ],
  },
  refusalSurge: { good: ['1', '1000000'], bad: ['0', '1000001', '0.5'] },
  logRetentionDays: { good: ['1', '30', '365', '3653'], bad: ['0', '2', '31', '364', '3654', 'forever', '030'] },
  allowedCallers: {
    good: [role, `${role},arn:aws:iam::210987654321:role/path/other`, `${role}=read,${role}/x=y=create+delete`],
    bad: [
      ...[`${role}=`, `${role}=Read`, `${role}=read+`, `${role}=read+read`, `${role},${role}=read`, `${role}=all`],
      ...['*', 'arn:aws:iam::123456789012:role/*', 'arn:aws:iam::123456789012:user/x', `${role};${role}`, `${role},`],
    ],
  },
  alarmEmail: {
    good: ['none', 'ops@example.com', 'a.b+c@sub.example.co'],
    bad: [
      ...['ops', 'ops@', '@example.com', 'ops@example', 'a@b@example.com', 'a b@example.com', 'a..b@example.com'],
      ...['None'],
    ],
  },
  securityEmail: { good: ['none', `${'s'.repeat(64)}@example.com`], bad: ['ops', `${'s'.repeat(250)}@example.com`] },
  machineAuth: { good: ['password', 'sigv4', 'client-token'], bad: ['Password', 'none', 'basic'] },
  machineAuthAlso: { good: ['none', 'client-token'], bad: ['both', 'None'] },
  app2Authorizer: { good: ['lambda'], bad: ['native', 'Lambda'] },
  side: { good: ['both', 'app1', 'app2'], bad: ['App1', 'none', 'app1,app2'] },
  app2Url: {
    good: ['none', 'https://a1.execute-api.eu-west-1.amazonaws.com/dev'],
    bad: ['http://127.0.0.1:4002', 'https://app2.example/dev?x', 'app2.example', 'https://user@app2.example'],
  },
  app2UserPoolId: { good: ['none', 'eu-west-1_Ab1'], bad: ['eu-west-1', 'eu-west-1_', 'x_Ab1', 'eu-west-1_Ab1 '] },
  app2PasswordKeyArn: keys,
  app2MachineSecretArn: {
    good: ['none', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:MachineSecret-x1-Ab'],
    bad: ['MachineSecret-x1', key, 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:*'],
  },
  app2MachineSecretKeyArn: keys,
  app2TokenEndpoint: {
    good: ['none', 'https://latchkey-dev-1.auth.eu-west-1.amazoncognito.com/oauth2/token'],
    bad: ['https://latchkey-dev-1.auth.eu-west-1.amazoncognito.com', 'http://app2.example/oauth2/token'],
  },
  app2ApiArn: {
    good: ['none', 'arn:aws:execute-api:eu-west-1:123456789012:a1/dev'],
    bad: [
      'arn:aws:execute-api:eu-west-1:123456789012:a1',
      'arn:aws:execute-api:eu-west-1:123456789012:*/dev',
      'a1/dev',
    ],
  },
  app1ProvisionerRole: roles,
  app1JobsRole: roles,
  app1JobWorkerRole: roles,
  app1ProvisionerFunction: functions,
  app1JobsFunction: functions,
  app1JobWorkerFunction: functions,
  tracing: { good: ['Active', 'PassThrough'], bad: ['active', 'true', 'off'] },
  apiGatewayLogRole: { good: ['make', 'keep'], bad: ['Make', 'yes'] },
  userPoolDeletionPolicy: { good: ['Retain'], bad: ['retain', 'Snapshot', 'true'] },
  userPoolDeletionProtection: { good: ['ACTIVE', 'INACTIVE'], bad: ['true', 'active', 'on'] },
  refuseIssuedBefore: {
    good: [
      'service-user=2026-11-28T12:00:00Z',
      'service-user=2026-11-28T12:01:00Z',
      'api-client=1970-01-01T00:00:00Z,app2/users.create=2026-01-31T12:00:00Z',
    ],
    bad: [
      ...['service-user=2026-11-28T12:01:01Z', 'service-user=2036-11-28T12:00:00Z'],
      ...['api-client=2026-01-31T12:00:00Z,service-user=2036-11-28T12:00:00Z', 'service-user=2026-02-30T12:00:00Z'],
      ...['service-users=2026-01-31T12:00:00Z', 'service-user', 'yesterday'],
    ],
  },
}

const rows = Object.entries(edges) as [Name, { good: readonly string[]; bad: readonly string[] }][]
const cases = (kind: 'good' | 'bad') => rows.flatMap(([name, row]) => row[kind].map((text) => [name, text] as const))

/** What its parameters are good with. */
const ofStsToken = ['machineAuth=sts-token', 'stsIssuer=https://abc123.tokens.sts.global.api.aws']

describe('a parameter', () => {
  it.each(cases('good'))('%s=%s is taken', (name, text) => {
    const besides = ofStsToken.filter((typed) => name.startsWith('sts') && !typed.startsWith(name))

    expect(deploymentProblems({ ...given, typed: [`${name}=${text}`, ...besides] })).toEqual(
      text === 'none' && name === 'stsIssuer' ? [expect.stringContaining('sts-token needs stsIssuer')] : [],
    )
  })

  it.each(cases('bad'))('%s=%j is refused, with what it has to be and without repeating it', (name, text) => {
    expect(deploymentProblems({ ...given, typed: [`${name}=${text}`] })).toEqual([
      `${name} has to be ${parameters[name].good}.`,
    ])
  })

  it.each([true, ['password'], { minutes: 5 }, 5.5, '', Number.NaN])(
    'that is %j in serverless.yml is refused',
    (value) => {
      const params = { default: { ...defaults, accessTokenMinutes: value } }

      expect(deploymentProblems({ ...given, params })).toEqual([
        'accessTokenMinutes has to be a whole number from 5 to 60.',
      ])
    },
  )

  it('that is typed counts before the stage’s, and that before the default, and null is no value', () => {
    const params = {
      default: { ...defaults, accessTokenMinutes: 4, refuseIssuedBefore: null },
      dev: { accessTokenMinutes: 61, tracing: null },
      prod: { accessTokenMinutes: 5 },
    }
    const outside = ['accessTokenMinutes has to be a whole number from 5 to 60.']

    expect(deploymentProblems({ ...given, params })).toEqual(outside)
    expect(deploymentProblems({ ...given, params, stage: 'other' })).toEqual(outside)
    expect(deploymentProblems({ ...given, params, stage: 'prod' })).toEqual([])
    expect(deploymentProblems({ ...given, params, typed: ['accessTokenMinutes=7'] })).toEqual([])
  })

  it.each([
    ['accesTokenMinutes=5', 'There is no parameter "accesTokenMinutes"; accessTokenMinutes is the nearest name.'],
    ['AccessTokenMinutes=5', 'There is no parameter "AccessTokenMinutes"; accessTokenMinutes is the nearest name.'],
    [' tracing=Active', 'There is no parameter " tracing"; tracing is the nearest name.'],
    ['refuseIsuedBefore=x', 'There is no parameter "refuseIsuedBefore"; refuseIssuedBefore is the nearest name.'],
    ['constructor=x', 'There is no parameter "constructor"; they stand at the top of serverless.yml.'],
  ])('typed as %j is refused, with the nearest name', (typed, words) => {
    expect(deploymentProblems({ ...given, typed: [typed] })).toEqual([words])
  })

  it('that nobody knows is refused under any stage of serverless.yml', () => {
    const params = { default: { ...defaults, x: null }, prod: { alarmEmails: 'a@example.com' } }

    expect(deploymentProblems({ ...given, params })).toEqual([
      'There is no parameter "x"; they stand at the top of serverless.yml.',
      'There is no parameter "alarmEmails"; alarmEmail is the nearest name.',
    ])
  })

  it('given twice is refused, the same value or another', () => {
    expect(deploymentProblems({ ...given, typed: ['tracing=Active', 'tracing=Active'] })).toEqual([
      'tracing is given twice: only one of the two could count.',
    ])
  })

  it('is judged with the others only when each is good', () => {
    const typed = ['machineAuthAlso=password', 'tracing=on']

    expect(deploymentProblems({ ...given, typed: typed.slice(0, 1) })).toEqual([
      'machineAuthAlso names the same mode as machineAuth: use none.',
    ])
    expect(deploymentProblems({ ...given, typed })).toEqual(['tracing has to be Active or PassThrough.'])
  })
})

describe('a Region', () => {
  it.each(['eu-west-1', 'us-gov-west-1'])('%s is taken', (region) => {
    expect(deploymentProblems({ ...given, region })).toEqual([])
  })

  it.each([
    ['us-east', '--region has to be one of AWS’s Regions'],
    ['EU-WEST-1', '--region has to be one of AWS’s Regions'],
    ['moon-1', '--region has to be one of AWS’s Regions'],
    ['', '--region has to be one of AWS’s Regions'],
    ['cn-north-1', '--region is in China'],
    ['eusc-de-east-1', '--region is in a partition where'],
    ['us-iso-east-1', '--region is in a partition where'],
    ['eu-isoe-west-1', '--region is in a partition where'],
  ])('%j is refused in words: %s', (region, words) => {
    expect(deploymentProblems({ ...given, region })).toEqual([expect.stringContaining(words)])
  })
})

describe('a stage', () => {
  const named = (stage: string): Given => ({ ...given, stage, functionNames: [`latchkey-${stage}-sample`, 'x'] })

  it.each(['p', 'prod-2', 'Test', 'a'.repeat(48)])('%s is taken', (stage) => {
    expect(deploymentProblems(named(stage))).toEqual([])
  })

  it('whose functions would have names of more than 64 characters is refused, with the longest that it may be', () => {
    expect(deploymentProblems(named('a'.repeat(49)))).toEqual([expect.stringContaining('of 48 characters at most')])
  })

  it('cannot help where the names are too long without it', () => {
    expect(deploymentProblems({ ...given, functionNames: ['x'.repeat(70)] })).toEqual([
      expect.stringContaining('names in serverless.yml are too long'),
    ])
  })

  it.each(['my_stage', 'a b', 'é', '', 'nightly-jobs', 'job-worker-1', 'manage-users'])('%j is refused', (stage) => {
    expect(deploymentProblems(named(stage))).toEqual([
      '--stage has to be letters, digits and hyphens, with no name of a function or group in it.',
    ])
  })
})
