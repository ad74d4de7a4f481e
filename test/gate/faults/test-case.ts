// One case of the matrix and the text that names it: the scenario, and the faults that strike one request in it.
import { formatFault, parseFault, type Fault } from './fault.ts'
import { scenarios, type ScenarioName } from './scenario.ts'

export type TestCase = { readonly scenario: ScenarioName; readonly faults: readonly Fault[] }

const noFault = 'no-fault'

/** `AdminCreateUser:lost-answer+AdminAddUserToGroup:denied-lasting`; before it the scenario, unless it is `fresh`. */
export function formatCase({ scenario, faults }: TestCase): string {
  const prefix = scenario === 'fresh' ? '' : `${scenario}/`
  return prefix + (faults.length === 0 ? noFault : faults.map(formatFault).join('+'))
}

/** Undefined for a text that names no case. */
export function parseCase(text: string): TestCase | undefined {
  const slash = text.indexOf('/')
  const scenario = slash < 0 ? 'fresh' : text.slice(0, slash)
  if (!isScenarioName(scenario)) return undefined
  const rest = text.slice(slash + 1)
  if (rest === noFault) return { scenario, faults: [] }
  const faults = rest.split('+').map(parseFault)
  return faults.every((fault) => fault !== undefined) ? { scenario, faults } : undefined
}

function isScenarioName(text: string): text is ScenarioName {
  return Object.hasOwn(scenarios, text)
}
