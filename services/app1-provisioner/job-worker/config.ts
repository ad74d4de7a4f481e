// The configuration of job-worker, read once from the environment; it has no default for anything that weakens a check.
import { parseRate, readEnvironment, readTogether, wholeNumber, type Environment, type Variable } from '#shared/env.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import {
  app2ConfigOf,
  app2Variables,
  machineAuthVariables,
  readMachineAuth,
  type App2Config,
  type MachineAuthChoice,
} from '../config.ts'
import { storeConfigOf, storeVariables, type StoreConfig } from '../job-store/store-variables.ts'

export const variables = {
  ...app2Variables,
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

export type Config = App2Config & {
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
  return {
    ...app2ConfigOf(values, environment),
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
