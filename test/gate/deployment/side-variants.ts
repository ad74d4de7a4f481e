// What is packaged of App1 and App2 in two accounts, in each mode, with all that a pair can have; it packages nothing.
import type { Side } from '#infra/deploy/sides/owners.ts'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'

/** `alone`: deployed before anything is known of the other. `linked`: with the lines that the other's deployment has written. */
export const states = ['alone', 'linked'] as const

export type State = (typeof states)[number]
export type OneSide = Exclude<Side, 'both'>
export type SideVariant = `${MachineAuth}-both` | `${MachineAuth}-${OneSide}-${State}`

/** Where the stacks of a pair are. */
export type Place = { readonly account: string; readonly region: string; readonly stackName: string }

export const places: Readonly<Record<OneSide, Place>> = {
  app1: { account: '111111111111', region: 'eu-west-1', stackName: 'latchkey-dev-app1' },
  app2: { account: '222222222222', region: 'eu-west-1', stackName: 'latchkey-dev-app2' },
}

export const otherSide = (side: OneSide): OneSide => (side === 'app1' ? 'app2' : 'app1')

/** What is typed for each, but for the lines of the other. */
export function sideOptions(mode: MachineAuth, side: Side): string[] {
  const parameters = [
    ...[`machineAuth=${mode}`, 'jobs=on', `side=${side}`, 'humanIssuers=https://idp.example.com#email=portal'],
    ...(mode === 'sts-token' ? ['stsFunctionCheck=on', 'stsTokenPerRequest=on'] : []),
    ...(mode === 'sts-token' && side !== 'app1' ? ['stsIssuer=https://latchkey-test.tokens.sts.global.api.aws'] : []),
  ]
  return ['--region', 'eu-west-1', ...parameters.flatMap((parameter) => ['--param', parameter])]
}

export const sideVariantNames: readonly SideVariant[] = machineAuthModes.flatMap((mode) => [
  `${mode}-both` as const,
  ...states.flatMap((state) => [`${mode}-app1-${state}`, `${mode}-app2-${state}`] as const),
])
