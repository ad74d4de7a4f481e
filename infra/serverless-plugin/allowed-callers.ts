// Says whether an App1 that is about to be deployed lets anybody in; it has no default to fall back on.
import * as z from 'zod/mini'
import { variables } from '../../services/app1-provisioner/config.ts'

const packaged = z.object({
  Resources: z.object({
    App1ProvisionerLambdaFunction: z.object({
      Properties: z.object({ Environment: z.object({ Variables: z.object({ ALLOWED_CALLERS: z.string() }) }) }),
    }),
  }),
})

/** What is wrong with the ALLOWED_CALLERS of `template` (JSON text), and what to type; undefined when App1 takes them. */
export function callersProblem(template: string): string | undefined {
  const callers = callersOf(template)
  return callers === '' ? `allowedCallers is not set, so nobody could call App1. ${whatToType}` : formProblem(callers)
}

/** The same, but that none may be named yet: a package can be looked at without. */
export function namedCallersProblem(template: string): string | undefined {
  const callers = callersOf(template)
  return callers === '' ? undefined : formProblem(callers)
}

function callersOf(template: string): string {
  const { Resources } = packaged.parse(JSON.parse(template))
  return Resources.App1ProvisionerLambdaFunction.Properties.Environment.Variables.ALLOWED_CALLERS
}

function formProblem(callers: string): string | undefined {
  if (variables.ALLOWED_CALLERS.parse(callers) === undefined) {
    return `allowedCallers is not a list of role ARNs, so App1 would not start. ${whatToType}`
  }
  return undefined
}

const whatToType =
  'Name the IAM roles that may ask for users: ' +
  'npx serverless deploy --param allowedCallers=arn:aws:iam::123456789012:role/my-caller ' +
  '(several: separated by commas; for good: in serverless.yml, under params).'
