import { describe, expect, it } from 'vitest'
import { choiceProblem, deploymentProblem, type Choice, type Deployment } from '#infra/deploy/choice-problem.ts'

const choice: Choice = { machineAuth: 'password', machineAuthAlso: 'none', app2Authorizer: 'lambda' }
const deployment: Deployment = {
  ...choice,
  refuseIssuedBefore: undefined,
  stsIssuer: 'none',
  stsTokenPerRequest: 'off',
  stsFunctionCheck: 'off',
  allowedCallers: '',
  lifeCycle: 'on',
  passwordReaders: 'none',
  jobs: 'off',
  humanIdentity: 'claimed',
  humanIssuers: 'none',
  bulkShare: 0.75,
  jobWorkers: 2,
  creationsPerSecond: 20,
  changesPerSecond: 4,
  userPoolDeletionPolicy: 'Retain',
  userPoolDeletionProtection: 'ACTIVE',
  region: 'eu-west-1',
  side: 'both',
  stackName: 'latchkey-dev',
}
const stsIssuer = 'https://abc123.tokens.sts.global.api.aws'
const role = (partition: string): string => `arn:${partition}:iam::123456789012:role/caller`

describe('the choice of modes', () => {
  it.each([
    {},
    { machineAuth: 'client-credentials' },
    { machineAuth: 'client-token', app2Authorizer: 'cognito' },
    { machineAuth: 'sigv4' },
    { machineAuth: 'client-token', machineAuthAlso: 'password' },
    { machineAuth: 'sts-token' },
    { machineAuth: 'sts-token', machineAuthAlso: 'password' },
    { machineAuth: 'client-token', machineAuthAlso: 'sts-token' },
  ])('with %j can be deployed', (changes) => {
    expect(choiceProblem({ ...choice, ...changes })).toBeUndefined()
  })

  it.each([
    [{ machineAuthAlso: 'password' }, 'machineAuthAlso names the same mode as machineAuth'],
    [{ machineAuthAlso: 'sigv4' }, 'sigv4 goes with no second mode'],
    [{ machineAuth: 'sigv4', machineAuthAlso: 'client-token' }, 'sigv4 goes with no second mode'],
    [{ machineAuth: 'client-credentials', machineAuthAlso: 'client-token' }, 'do not go together'],
    [{ app2Authorizer: 'cognito' }, 'app2Authorizer=cognito knows scopes alone'],
    [{ machineAuth: 'sigv4', app2Authorizer: 'cognito' }, 'app2Authorizer=cognito knows scopes alone'],
    [{ machineAuth: 'sts-token', app2Authorizer: 'cognito', stsIssuer }, 'app2Authorizer=cognito knows scopes alone'],
    [{ machineAuth: 'sts-token', machineAuthAlso: 'sigv4', stsIssuer }, 'sigv4 goes with no second mode'],
  ])('with %j is refused in words: %s', (changes, words) => {
    expect(choiceProblem({ ...choice, ...changes })).toContain(words)
    expect(deploymentProblem({ ...deployment, ...changes })).toContain(words)
  })
})

describe('a deployment', () => {
  it.each([
    {},
    { refuseIssuedBefore: 'api-client=2026-01-31T12:00:00Z' },
    { stackName: 'latchkey-AWS' },
    { machineAuth: 'client-credentials', stackName: 'latchkey-prod-2' },
    { userPoolDeletionPolicy: 'Delete', userPoolDeletionProtection: 'INACTIVE' },
    { userPoolDeletionPolicy: 'Retain', userPoolDeletionProtection: 'INACTIVE' },
    { allowedCallers: `${role('aws')},${role('aws')}2` },
    { allowedCallers: `${role('aws')}=read+delete` },
    { lifeCycle: 'off', allowedCallers: `${role('aws')},${role('aws')}2=create` },
    { changesPerSecond: 5 },
    { jobs: 'on', bulkShare: 0.05, creationsPerSecond: 10 },
    { jobs: 'on', jobWorkers: 20, creationsPerSecond: 5, bulkShare: 1 },
    { jobs: 'off', bulkShare: 0.05, creationsPerSecond: 9 },
    { lifeCycle: 'off', creationsPerSecond: 25 },
    { machineAuth: 'sts-token', stsIssuer, stsTokenPerRequest: 'on', stsFunctionCheck: 'on' },
    { machineAuthAlso: 'sts-token', stsIssuer },
    { region: 'us-gov-west-1', machineAuth: 'client-token', allowedCallers: role('aws-us-gov') },
  ])('with %j is not refused', (changes) => {
    expect(deploymentProblem({ ...deployment, ...changes })).toBeUndefined()
  })

  it.each([
    [
      { machineAuth: 'client-token', app2Authorizer: 'cognito', refuseIssuedBefore: 'app2/users.create=…' },
      'refuseIssuedBefore is for app2Authorizer=lambda',
    ],
    [{ machineAuth: 'client-credentials', stackName: 'latchkey-Test' }, 'client-credentials makes a domain'],
    [{ machineAuth: 'client-credentials', stackName: 'latchkey-my-aws' }, 'client-credentials makes a domain'],
    [{ machineAuthAlso: 'client-credentials', stackName: 'latchkey-' }, 'client-credentials makes a domain'],
    [{ region: 'us-gov-east-1', machineAuth: 'client-credentials' }, 'client-credentials is not for GovCloud'],
    [{ region: 'us-gov-west-1', machineAuthAlso: 'client-credentials' }, 'client-credentials is not for GovCloud'],
    [{ machineAuth: 'sts-token' }, 'With credentials of that account, enable it once, `aws iam enable-outbound-web-'],
    [{ region: 'us-gov-west-1', machineAuthAlso: 'sts-token', stsIssuer }, 'sts-token is not for GovCloud'],
    [{ stsIssuer, stsTokenPerRequest: 'on' }, 'stsIssuer and stsTokenPerRequest go with the mode sts-token alone.'],
    [{ stsFunctionCheck: 'on' }, 'stsFunctionCheck goes with the mode sts-token alone.'],
    [{ allowedCallers: role('aws-us-gov') }, 'which begin with arn:aws:.'],
    [{ allowedCallers: `${role('aws')},${role('aws-cn')}` }, 'which begin with arn:aws:.'],
    [{ region: 'us-gov-west-1', allowedCallers: role('aws') }, 'which begin with arn:aws-us-gov:.'],
    [{ changesPerSecond: 6 }, 'are 25 together at most: Cognito counts both'],
    [{ creationsPerSecond: 22 }, 'creationsPerSecond=20 goes with changesPerSecond=5.'],
    [{ lifeCycle: 'off', allowedCallers: `${role('aws')},${role('aws')}2=create+read` }, 'which go with lifeCycle=on'],
    [{ lifeCycle: 'off', allowedCallers: `${role('aws')}=delete` }, 'which go with lifeCycle=on'],
    [{ jobs: 'on', bulkShare: 0.05, creationsPerSecond: 9 }, '÷ jobWorkers is 0.25 at least'],
    [{ jobs: 'on', bulkShare: 1, creationsPerSecond: 4, jobWorkers: 17 }, '÷ jobWorkers is 0.25 at least'],
    [{ userPoolDeletionPolicy: 'Delete' }, 'goes with userPoolDeletionProtection=INACTIVE'],
  ])('with %j is refused in words: %s', (changes, words) => {
    expect(deploymentProblem({ ...deployment, ...changes })).toContain(words)
  })
})
