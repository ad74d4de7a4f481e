// Says whether an App1 that is about to be deployed lets anybody in; it has no default to fall back on.
import * as z from 'zod/mini'
import { parameters } from './parameters.ts'

const packaged = z.object({
  Resources: z.object({
    App1ProvisionerLambdaFunction: z.object({
      Properties: z.object({ Environment: z.object({ Variables: z.object({ ALLOWED_CALLERS: z.string() }) }) }),
    }),
  }),
})
const packagedSide = z.object({ Metadata: z.object({ Latchkey: z.object({ side: z.string() }) }) })

/** What is wrong with the ALLOWED_CALLERS of `template` (JSON text), and what to type; undefined when somebody is named. */
export function callersProblem(template: string): string | undefined {
  const parsed: unknown = JSON.parse(template)
  // Which has no App1 to call.
  if (packagedSide.safeParse(parsed).data?.Metadata.Latchkey.side === 'app2') return undefined
  const { Resources } = packaged.parse(parsed)
  const { ALLOWED_CALLERS: callers } = Resources.App1ProvisionerLambdaFunction.Properties.Environment.Variables
  if (callers !== '') return undefined
  return (
    `allowedCallers is not set, so nobody could call App1. It has to be ${parameters.allowedCallers.good} ` +
    '(by --param allowedCallers=…; for good: in serverless.yml, under params).'
  )
}
