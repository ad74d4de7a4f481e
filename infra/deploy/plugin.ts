// What `npx serverless package` and `deploy` do besides the framework's own: bundle, repair the template, refuse what would fail.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { bundleFunctions, functionNames } from './bundle/bundle.ts'
import { accountNotice } from './account-notice.ts'
import { callersProblem } from './allowed-callers.ts'
import { deploymentProblems } from './deployment-problems.ts'
import { environmentProblem } from './environment-size.ts'
import { finishTemplate, type Template } from './finish-template.ts'
import { gateProblem } from './gate-problem.ts'
import { gatewayResponses } from './gateway-responses.ts'
import { formProblem, readGivenParameters, type GivenParameters } from './given-parameters.ts'
import { logMetricFilters } from './log-metrics.ts'
import { absentKeys, chosenModes, resolveModeVariable } from './mode-source.ts'
import { absentFunctions } from './modes.ts'
import { removeHumans } from './without-humans.ts'
import { removeJobs } from './without-jobs.ts'
import { removeLifeCycle } from './without-life-cycle.ts'
import { referenceProblem } from './references.ts'
import { unlinkedNotice, writeReadyFile } from './sides/ready-file.ts'
import { reduceDashboard } from './sides/reduce-dashboard.ts'
import { reduceToSide } from './sides/reduce-template.ts'
import { packagedParameters, packagedProblem } from './packaged-parameters.ts'

type Functions = Readonly<Record<string, { readonly name: string }>>

/** The part of the framework that is used here; it ships no types. */
export type Serverless = {
  readonly serviceDir: string
  /** serverless.yml, with its variables resolved when a command runs. */
  readonly configurationInput: unknown
  readonly processedInput: {
    readonly commands: readonly string[]
    readonly options: { readonly param?: readonly (string | null)[] }
  }
  /** One of them is `info`, which keeps what it has read of the stack. */
  readonly pluginManager: {
    readonly plugins: readonly { readonly gatheredData?: { readonly outputs: unknown } }[]
  }
  /** Its own error is shown as a message; any other as a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error }
  readonly service: {
    readonly provider: { readonly compiledCloudFormationTemplate: Template }
    functions: Functions
    /** Compares serverless.yml with the framework's schema, when it has been read and before any hook is called. */
    validate: () => Promise<unknown>
  }
}

/** What the framework hands to a plugin, of which no more is used here. */
export type Utilities = { readonly log: { readonly notice: (text: string) => void } }

type Hooks = Readonly<Record<string, () => Promise<void> | void>>

/** An empty one is null. */
const section = z.pipe(
  z.nullable(z.record(z.string(), z.unknown())),
  z.transform((given) => given ?? {}),
)

const configuration = z.object({
  service: z.string(),
  params: z.optional(z.record(z.string(), section)),
  provider: z.object({ stage: z.string(), region: z.string() }),
  custom: z.object({ namedRegion: z.nullable(z.string()) }),
})

/** Those that make a template. A parameter that is wrong stands in the way of no other: `remove` least of all. */
const makingCommands = ['package', 'deploy']

/** It sends the code first and reads the role afterwards, and would leave out what infra/templates/ adds to a function. */
const deployFunctionProblem =
  '`deploy function` changes the code of a function and then fails at its settings, which are in the template: use ' +
  '`npx serverless deploy`, which changes what differs, or nothing.'

export class LatchkeyPlugin {
  readonly hooks: Hooks
  /** For `${mode:…}` in serverless.yml. */
  readonly configurationVariablesSources = { mode: { resolve: resolveModeVariable } }

  constructor(serverless: Serverless, _options: unknown, { log }: Utilities) {
    const { serviceDir, service, classes, processedInput, pluginManager } = serverless
    const command = processedInput.commands.join(' ')
    const refuse = (...problems: readonly (string | undefined)[]): void => {
      const found = problems.filter((problem) => problem !== undefined)
      if (found.length > 0) throw new classes.Error(found.join('\n'), 'LATCHKEY_PARAMETERS')
    }
    const isMaking = makingCommands.includes(command)
    const { param: typed = [] } = processedInput.options
    // Here already: the framework reads them next.
    if (isMaking) refuse(formProblem(typed))
    // Before the framework's schema, which says what is wrong with a parameter by the property that it ends in.
    const validate = service.validate.bind(service)
    service.validate = () => {
      service.functions = functionsOf(serverless)
      if (command === 'deploy function') refuse(deployFunctionProblem)
      if (isMaking) refuse(...problemsOf(serverless))
      return validate()
    }
    this.hooks = {
      initialize: () => {
        const notice = isMaking ? regionNotice(serverless) : undefined
        if (notice !== undefined) log.notice(notice)
      },
      'before:package:createDeploymentArtifacts': async () => {
        const chosen = chosenModes(readGivenParameters(givenTo(serverless)).values)
        const absent: readonly string[] = chosen === undefined ? [] : absentFunctions(chosen)
        const names = functionNames.filter((name) => !absent.includes(name))
        await bundleFunctions({ outputFolder: join(serviceDir, 'dist'), names })
      },
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { compiledCloudFormationTemplate: template } = service.provider
        const { stage, region, ...parameters } = givenTo(serverless)
        const { values } = readGivenParameters({ stage, ...parameters })
        const chosen = chosenModes(values)
        const { service: name } = configuration.parse(serverless.configurationInput)
        const names = [`${name}-${stage}`, `${stage}-${name}`]
        if (chosen?.lifeCycle === false) removeLifeCycle(template, values, names)
        if (chosen?.jobs === false) removeJobs(template, values, names)
        if (chosen !== undefined && chosen.human === undefined) removeHumans(template, values, names)
        if (chosen !== undefined) reduceToSide(template, chosen, values)
        const filters = logMetricFilters(template.Resources, chosen?.side)
        if (chosen !== undefined) reduceDashboard(template, chosen, filters)
        Object.assign(template.Resources, chosen?.side === 'app1' ? {} : gatewayResponses(), filters)
        finishTemplate(template)
        refuse(environmentProblem(template), chosen && gateProblem(template, chosen))
        if (chosen?.side === 'app1' || chosen?.side === 'app2') refuse(referenceProblem(template))
        template.Metadata = packagedParameters({ stage, region, ...values })
      },
      // The template as it was packaged, by an earlier run with `--package`, and before anything is sent to AWS.
      'before:aws:deploy:deploy:createStack': async () => {
        const file = join(serviceDir, '.serverless/cloudformation-template-update-stack.json')
        const template = await readFile(file, 'utf8')
        const { stage, region, typed } = givenTo(serverless)
        const { values } = readGivenParameters({ params: {}, typed, stage })
        // Which stack it goes to follows from the side, typed or not.
        const all = readGivenParameters(givenTo(serverless)).values
        const { side } = all
        const given = { stage, region, ...(side !== undefined && { side }), ...values }
        refuse(packagedProblem(template, given), callersProblem(template))
        for (const notice of [accountNotice(template), unlinkedNotice(all)]) {
          if (notice !== undefined) log.notice(notice)
        }
      },
      // The framework has read the stack's outputs, in `deploy` at its end, whether anything changed or not, and in `info`.
      'after:aws:info:gatherData': async () => {
        const { values } = readGivenParameters(givenTo(serverless))
        const { side } = values
        const outputs = pluginManager.plugins.find(({ gatheredData }) => gatheredData !== undefined)?.gatheredData
          ?.outputs
        if ((side !== 'app1' && side !== 'app2') || outputs === undefined) return
        const { stage, region } = givenTo(serverless)
        const said = await writeReadyFile({ side, stage, region, folder: serviceDir }, outputs)
        if (said !== undefined) log.notice(said)
      },
    }
  }
}

function problemsOf(serverless: Serverless): string[] {
  return deploymentProblems({
    ...givenTo(serverless),
    service: configuration.parse(serverless.configurationInput).service,
    functionNames: Object.values(serverless.service.functions).map(({ name }) => name),
    now: Date.now(),
  })
}

/** serverless.yml has every function; which of them there are, the modes say. */
function functionsOf(serverless: Serverless): Functions {
  const chosen = chosenModes(readGivenParameters(givenTo(serverless)).values)
  const absent = chosen === undefined ? [] : absentKeys(chosen)
  return Object.fromEntries(Object.entries(serverless.service.functions).filter(([key]) => !absent.includes(key)))
}

function givenTo({ configurationInput, processedInput }: Serverless): GivenParameters & { readonly region: string } {
  const { params = {}, provider } = configuration.parse(configurationInput)
  const typed = (processedInput.options.param ?? []).filter((text) => text !== null)
  return { params, typed, stage: provider.stage, region: provider.region }
}

/** Which Region it is that nobody named, so that a stack in the wrong one is no surprise; undefined where one is. */
function regionNotice({ configurationInput }: Serverless): string | undefined {
  const { custom, provider } = configuration.parse(configurationInput)
  if (custom.namedRegion !== null) return undefined
  return `The Region is ${provider.region}, the default of serverless.yml: neither --region nor AWS_REGION names one.`
}

// The framework takes a plugin's default export.
export default LatchkeyPlugin
