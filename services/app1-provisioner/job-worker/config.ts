// The configuration of job-worker, read once from the environment; it has no default for anything that weakens a check.
import {
  ConfigurationError,
  readEnvironment,
  readTogether,
  runsInLambda,
  wholeNumber,
  type Environment,
  type Variable,
} from '#shared/env.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import { machineAuthVariables, readMachineAuth, variables as app1Variables, type MachineAuthChoice } from '../config.ts'
import { storeConfigOf, storeVariables, type StoreConfig } from '../job-store/store-variables.ts'

export const variables = {
  AWS_REGION: app1Variables.AWS_REGION,
  USER_POOL_ID: app1Variables.USER_POOL_ID,
  MACHINE_SECRET_ARN: app1Variables.MACHINE_SECRET_ARN,
  APP2_URL: app1Variables.APP2_URL,
  ...machineAuthVariables,
  ...cipherVariables,
  ...storeVariables,
  BULK_SHARE: {
    description: 'Share of the creations per second that jobs may take, 0.05 to 1; the rest is for single requests.',
    parse: parseShare,
  } satisfies Variable<number>,
  CREATIONS_PER_SECOND: {
    description:
      'Creations per second that the account’s quotas allow. A lower figure that Cognito tells counts instead.',
    parse: parseRate,
  } satisfies Variable<number>,
  JOB_WORKERS: {
    description: 'How many instances work at once, at most: the event source’s `maximumConcurrency`.',
    parse: wholeNumber({ from: 1, to: 1_000 }),
  } satisfies Variable<number>,
}

export type Config = {
  readonly region: string
  readonly userPoolId: string
  readonly machineSecretArn: string
  readonly app2Url: URL
  readonly machineAuth: MachineAuthChoice
  readonly cipher: CipherChoice
  readonly store: StoreConfig
  readonly pace: { readonly bulkShare: number; readonly creationsPerSecond: number; readonly workers: number }
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, machineAuth, cipher] = readTogether(
    () => readEnvironment(environment, variables),
    () => readMachineAuth(environment),
    () => readCipherChoice(environment),
  )
  if (values.APP2_URL.protocol !== 'https:' && runsInLambda(environment)) {
    throw new ConfigurationError(['APP2_URL must be https in Lambda'])
  }
  return {
    region: values.AWS_REGION,
    userPoolId: values.USER_POOL_ID,
    machineSecretArn: values.MACHINE_SECRET_ARN,
    app2Url: values.APP2_URL,
    machineAuth,
    cipher,
    store: storeConfigOf(values),
    pace: {
      bulkShare: values.BULK_SHARE,
      creationsPerSecond: values.CREATIONS_PER_SECOND,
      workers: values.JOB_WORKERS,
    },
  }
}

function parseShare(text: string): number | undefined {
  const share = Number(text)
  return /^(1|0\.\d{1,4})$/.test(text) && share >= 0.05 && share <= 1 ? share : undefined
}

/** As create-user reads it. */
function parseRate(text: string): number | undefined {
  const rate = Number(text)
  return /^\d{1,5}(\.\d{1,3})?$/.test(text) && rate > 0 ? rate : undefined
}
