// Says whether the parameters that decide who is let in go together; it knows nothing of what each of them makes.
import * as z from 'zod/mini'
import { refuseIssuedBefore } from '../../services/app2-accounts/authorizer/cut-offs.ts'
import { machineAuthModes, scopeModes, type MachineAuth } from '../../shared/machine-auth.ts'

const choice = z.object({
  machineAuth: z.string(),
  machineAuthAlso: z.string(),
  app2Authorizer: z.string(),
  refuseIssuedBefore: z.nullable(z.string()),
  // A number as serverless.yml has it, text as the command line does.
  authorizerTtlSeconds: z.union([z.number(), z.string()]),
  stackName: z.string(),
})

type Choice = z.infer<typeof choice>

/** What is wrong with `custom.choice` of serverless.yml, and what to type; undefined when it can be deployed. */
export function choiceProblem(chosen: unknown): string | undefined {
  const { success, data } = choice.safeParse(chosen)
  if (!success) return 'custom.choice in serverless.yml is not as the plugin knows it.'
  return wordProblem(data) ?? combinationProblem(data)
}

function wordProblem(chosen: Choice): string | undefined {
  const modes = machineAuthModes.join(', ')
  if (!isMode(chosen.machineAuth)) return `machineAuth has to be one of ${modes}.`
  if (chosen.machineAuthAlso !== 'none' && !isMode(chosen.machineAuthAlso)) {
    return `machineAuthAlso has to be none, or one of ${modes}.`
  }
  if (!['lambda', 'cognito'].includes(chosen.app2Authorizer)) return 'app2Authorizer has to be lambda or cognito.'
  if (chosen.refuseIssuedBefore !== null && refuseIssuedBefore.parse(chosen.refuseIssuedBefore) === undefined) {
    return (
      'refuseIssuedBefore has to be <group or scope>=<UTC instant>, several separated by commas: ' +
      'api-client=2026-11-21T12:00:00Z.'
    )
  }
  // For so long a right that was taken away can go on being used, beyond the token's own end.
  if (!/^([0-5]?\d|60)$/.test(String(chosen.authorizerTtlSeconds))) {
    return 'authorizerTtlSeconds has to be a whole number from 0 to 60.'
  }
  return undefined
}

function combinationProblem(chosen: Choice): string | undefined {
  const accepted = [chosen.machineAuth, chosen.machineAuthAlso].filter(isMode)
  if (new Set(accepted).size < accepted.length) return 'machineAuthAlso names the same mode as machineAuth: use none.'
  if (accepted.length > 1 && accepted.includes('sigv4')) {
    return 'sigv4 goes with no second mode: the gate of a route either verifies signatures or asks an authorizer.'
  }
  if (accepted.length > 1 && accepted.every(isScopeMode)) {
    return 'client-credentials and client-token do not go together: they are two settings of one app client.'
  }
  if (chosen.app2Authorizer === 'cognito') {
    if (!accepted.every(isScopeMode)) {
      return 'app2Authorizer=cognito knows scopes alone: it goes with client-credentials or client-token, and no other mode.'
    }
    if (chosen.refuseIssuedBefore !== null) {
      return 'refuseIssuedBefore is for app2Authorizer=lambda: API Gateway’s own authorizer knows no such limit.'
    }
  }
  if (accepted.includes('client-credentials') && !isDomainPrefix(chosen.stackName)) {
    return (
      'client-credentials makes a domain that is named after the stack: the stage has to be of lower-case letters, ' +
      'digits and hyphens, and without the words aws, amazon and cognito.'
    )
  }
  return undefined
}

/** With the account's id behind it. "Amazon Cognito prefix domains" in Cognito's developer guide. */
function isDomainPrefix(stackName: string): boolean {
  return /^[a-z0-9](-?[a-z0-9])*$/.test(stackName) && stackName.length <= 50 && !/aws|amazon|cognito/.test(stackName)
}

function isMode(word: string): word is MachineAuth {
  return machineAuthModes.some((mode) => mode === word)
}

function isScopeMode(word: string): boolean {
  return scopeModes.some((mode) => mode === word)
}
