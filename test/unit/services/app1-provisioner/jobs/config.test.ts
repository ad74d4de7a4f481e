import { describe, expect, it } from 'vitest'
import { readConfig as readWorkerConfig } from '#services/app1-provisioner/job-worker/config.ts'
import { readConfig } from '#services/app1-provisioner/jobs/config.ts'
import { configurationProblems } from '#test/support/configuration-problems.ts'
import { reader } from '#test/support/jobs.ts'

const key = 'arn:aws:kms:eu-west-1:111111111111:key/0f8fad5b-d9cb-469f-a165-70867728950e'
const common = {
  AWS_REGION: 'eu-west-1',
  USER_POOL_ID: 'eu-west-1_abc123',
  MACHINE_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:latchkey/machine-AbCdEf',
  APP2_URL: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
  JOBS_TABLE: 'latchkey-dev-jobs',
  JOBS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111111111111/latchkey-dev-jobs',
  JOB_KEY_ARN: key,
}
const ofJobs = { ...common, ALLOWED_CALLERS: 'arn:aws:iam::111111111111:role/orders' }
const ofWorker = { ...common, KMS_KEY_ARN: key, BULK_SHARE: '0.75', CREATIONS_PER_SECOND: '20', JOB_WORKERS: '2' }

type Given = Record<string, string | undefined>
const jobsProblems = (changes: Given, base: Given = ofJobs) =>
  configurationProblems(() => readConfig({ ...base, ...changes }))
const workerProblems = (changes: Given, base: Given = ofWorker) =>
  configurationProblems(() => readWorkerConfig({ ...base, ...changes }))

const missing = ['AWS_REGION', 'USER_POOL_ID', 'MACHINE_SECRET_ARN', 'APP2_URL']
const storeMissing = ['JOBS_TABLE', 'JOBS_QUEUE_URL', 'JOB_KEY_ARN']

describe('the configuration of jobs', () => {
  it('is read whole', () => {
    expect(readConfig({ ...ofJobs, PASSWORD_READERS: `${reader}, ${reader}-2` })).toMatchObject({
      region: 'eu-west-1',
      allowedCallers: [{ role: { roleName: 'orders' }, permissions: ['create'] }],
      machineAuth: { mode: 'password' },
      store: { table: common.JOBS_TABLE, queueUrl: common.JOBS_QUEUE_URL, keyArn: key },
      passwordReaders: [reader, `${reader}-2`],
    })
    expect(readConfig(ofJobs).passwordReaders).toEqual([])
  })

  it('is refused with every missing name at once', () => {
    expect(jobsProblems({}, {})).toEqual(
      [...missing, 'ALLOWED_CALLERS', ...storeMissing].map((name) => `${name} is missing`),
    )
  })

  it.each([
    ['PASSWORD_READERS', '*'],
    ['PASSWORD_READERS', `${reader},`],
    ['PASSWORD_READERS', 'arn:aws:iam::111111111111:user/reader'],
  ])('is refused with %s=%s', (name, value) => {
    expect(jobsProblems({ [name]: value })).toEqual([`${name} is not valid`])
  })

  it('takes no App2 without TLS inside Lambda', () => {
    const local = { APP2_URL: 'http://127.0.0.1:4002' }

    expect(jobsProblems(local)).toEqual([])
    expect(jobsProblems({ ...local, AWS_LAMBDA_FUNCTION_NAME: 'jobs' })).toEqual(['APP2_URL must be https in Lambda'])
  })
})

describe('the configuration of job-worker', () => {
  it('is read whole', () => {
    expect(readWorkerConfig(ofWorker)).toMatchObject({
      cipher: { cipher: 'kms', keyArn: key },
      store: { table: common.JOBS_TABLE },
      pace: { bulkShare: 0.75, creationsPerSecond: 20, workers: 2 },
    })
  })

  it('is refused with every missing name at once: it has no default for its pace', () => {
    expect(workerProblems({}, {})).toEqual(
      [...missing, ...storeMissing, 'BULK_SHARE', 'CREATIONS_PER_SECOND', 'JOB_WORKERS', 'KMS_KEY_ARN'].map(
        (name) => `${name} is missing`,
      ),
    )
  })

  it.each([
    ...['0.05', '0.5', '1'].map((value) => ['BULK_SHARE', value]),
    ...['0.5', '20', '99999'].map((value) => ['CREATIONS_PER_SECOND', value]),
    ...['1', '1000'].map((value) => ['JOB_WORKERS', value]),
  ])('takes %s=%s', (name = '', value) => {
    expect(workerProblems({ [name]: value })).toEqual([])
  })

  it.each([
    ...['0', '0.04', '0.049', '1.0', '1.01', '2', '.5', '5e-1', '-0.5'].map((value) => ['BULK_SHARE', value]),
    ...['0', '-1', '1e3', '100000'].map((value) => ['CREATIONS_PER_SECOND', value]),
    ...['0', '1001', '1.5'].map((value) => ['JOB_WORKERS', value]),
    ...['ab', 'a b', 'x'.repeat(256)].map((value) => ['JOBS_TABLE', value]),
    ['JOB_KEY_ARN', 'arn:aws:kms:eu-west-1:111111111111:alias/jobs'],
    ['JOBS_QUEUE_URL', 'http://sqs.eu-west-1.amazonaws.com/111111111111/jobs'],
    ['JOBS_QUEUE_URL', 'https://sqs.eu-west-1.amazonaws.com/jobs'],
    ['JOBS_QUEUE_URL', 'https://user@sqs.eu-west-1.amazonaws.com/111111111111/jobs'],
    ['JOBS_QUEUE_URL', 'https://sqs.eu-west-1.amazonaws.com/111111111111/jobs?x'],
    ['JOBS_QUEUE_URL', 'jobs'],
  ])('refuses %s=%s', (name = '', value) => {
    expect(workerProblems({ [name]: value })).toEqual([`${name} is not valid`])
  })

  it('takes a queue on this machine', () => {
    expect(workerProblems({ JOBS_QUEUE_URL: 'http://127.0.0.1:4000/000000000000/jobs' })).toEqual([])
  })

  it('takes no App2 without TLS inside Lambda', () => {
    expect(workerProblems({ APP2_URL: 'http://127.0.0.1:4002', AWS_LAMBDA_FUNCTION_NAME: 'w' })).toEqual([
      'APP2_URL must be https in Lambda',
    ])
  })
})
