// The configuration of jobs, read once from the environment.
import { readEnvironment, readTogether, type Environment } from '#shared/env.ts'
import { passwordReaders } from '#shared/aws/password-readers.ts'
import { humanVariables, readHumanConfig, type HumanConfig } from '#shared/human/human-issuers.ts'
import { cipherVariables, readCipherChoice, type CipherChoice } from '#shared/password-cipher/cipher-choice.ts'
import type { AllowedCaller } from '../caller.ts'
import {
  app2ConfigOf,
  app2Variables,
  machineAuthVariables,
  readMachineAuth,
  variables as app1Variables,
  type App2Config,
  type MachineAuthChoice,
} from '../config.ts'
import { storeConfigOf, storeVariables, type StoreConfig } from '../job-store/store-variables.ts'

export const variables = {
  ...app2Variables,
  ALLOWED_CALLERS: app1Variables.ALLOWED_CALLERS,
  ...machineAuthVariables,
  ...storeVariables,
  ...cipherVariables,
  ...humanVariables,
  PASSWORD_READERS: passwordReaders,
}

export type Config = App2Config & {
  readonly allowedCallers: readonly AllowedCaller[]
  readonly machineAuth: MachineAuthChoice
  readonly store: StoreConfig
  readonly passwordReaders: readonly string[]
  /** Whose tokens name humans, and how what they say is sealed. */
  readonly human: (HumanConfig & { readonly cipher: CipherChoice }) | undefined
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, machineAuth, human] = readTogether(
    () => readEnvironment(environment, variables),
    () => readMachineAuth(environment),
    () => readHumans(environment),
  )
  return {
    ...app2ConfigOf(values, environment),
    allowedCallers: values.ALLOWED_CALLERS,
    machineAuth,
    store: storeConfigOf(values),
    passwordReaders: values.PASSWORD_READERS,
    human,
  }
}

/** Without humans' tokens nothing is sealed here. */
function readHumans(environment: Environment): Config['human'] {
  const human = readHumanConfig(environment)
  return human && { ...human, cipher: readCipherChoice(environment) }
}
