// The configuration of jobs, read once from the environment.
import { readEnvironment, readTogether, type Environment } from '#shared/env.ts'
import { passwordReaders } from '#shared/aws/password-readers.ts'
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
  PASSWORD_READERS: passwordReaders,
}

export type Config = App2Config & {
  readonly allowedCallers: readonly AllowedCaller[]
  readonly machineAuth: MachineAuthChoice
  readonly store: StoreConfig
  readonly passwordReaders: readonly string[]
}

/** Throws ConfigurationError naming every variable that is missing or refused. */
export function readConfig(environment: Environment): Config {
  const [values, machineAuth] = readTogether(
    () => readEnvironment(environment, variables),
    () => readMachineAuth(environment),
  )
  return {
    ...app2ConfigOf(values, environment),
    allowedCallers: values.ALLOWED_CALLERS,
    machineAuth,
    store: storeConfigOf(values),
    passwordReaders: values.PASSWORD_READERS,
  }
}
