// What `npx serverless package` and `deploy` do besides the framework's own: bundle, repair the template, refuse an open question.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleFunctions } from '../bundle/bundle.ts'
import { accountNotice } from './account-notice.ts'
import { callersProblem, namedCallersProblem } from './allowed-callers.ts'
import { choiceProblem } from './choice-problem.ts'
import { finishTemplate, type Template } from './finish-template.ts'

/** The part of the framework that is used here; it ships no types. */
export type Serverless = {
  readonly serviceDir: string
  /** serverless.yml with its variables resolved. */
  readonly configurationInput: { readonly custom?: { readonly choice?: unknown } }
  /** Its own error is shown as a message; any other as a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error }
  readonly service: {
    readonly provider: { readonly compiledCloudFormationTemplate: Template }
  }
}

/** What the framework hands to a plugin, of which no more is used here. */
export type Utilities = { readonly log: { readonly notice: (text: string) => void } }

type Hooks = Readonly<Record<string, () => Promise<void> | void>>

export class LatchkeyPlugin {
  readonly hooks: Hooks

  constructor(serverless: Serverless, _options: unknown, { log }: Utilities) {
    const { serviceDir, service, classes } = serverless
    const bundle = async (): Promise<void> => {
      await bundleFunctions({ outputFolder: join(serviceDir, 'dist') })
    }
    const refuse = (problem: string | undefined): void => {
      if (problem !== undefined) throw new classes.Error(problem, 'LATCHKEY_PARAMETERS')
    }
    this.hooks = {
      initialize: () => {
        refuse(choiceProblem(serverless.configurationInput.custom?.choice))
      },
      'before:package:createDeploymentArtifacts': bundle,
      'before:deploy:function:packageFunction': bundle,
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { compiledCloudFormationTemplate: template } = service.provider
        finishTemplate(template)
        refuse(namedCallersProblem(JSON.stringify(template)))
      },
      // The template as it was packaged, by an earlier run with `--package`, and before anything is sent to AWS.
      'before:aws:deploy:deploy:createStack': async () => {
        const file = join(serviceDir, '.serverless/cloudformation-template-update-stack.json')
        const template = await readFile(file, 'utf8')
        refuse(callersProblem(template))
        const notice = accountNotice(template)
        if (notice !== undefined) log.notice(notice)
      },
    }
  }
}

// The framework takes a plugin's default export.
export default LatchkeyPlugin
