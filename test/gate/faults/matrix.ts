// Which cases there are: every fault alone, and in pairs, where it can strike at all; it plays none of them.
import { createHash } from 'node:crypto'
import { allFaults, formatFault, parseFault, type Fault } from './fault.ts'
import { operationNames, touchesUser, type OperationName } from './operations.ts'
import { scenarioNames, scenarios, type Scenario, type ScenarioName } from './scenario.ts'
import { formatCase, parseCase, type TestCase } from './test-case.ts'

/** How often a request called each operation, by the case in which it did. */
export type Calls = (testCase: TestCase) => Readonly<Record<string, number>>

/** In a creation the second look at a user is no other than the first. */
const strikingAtOnce = allFaults.filter(({ strikes }) => strikes !== 'later')

export const unstruckCases: readonly TestCase[] = scenarioNames.map((scenario) => ({ scenario, faults: [] }))

/**
 * Every fault alone, at every operation that the scenario's request calls and that the scenario is about: those on users, if
 * it says nothing else. What fails before them fails as it does in `fresh` and in `disable`.
 */
export function singleCases(calls: Calls): TestCase[] {
  return scenarioNames.flatMap((scenario) => {
    const reached = calls({ scenario, faults: [] })
    const { asks, kinds }: Scenario = scenarios[scenario]
    return allFaults
      .filter(
        ({ operation, kind, strikes }) =>
          isOfInterest(scenario, operation) &&
          !(asks !== undefined && isLookAtAnother({ operation, kind, strikes })) &&
          (reached[operation] ?? 0) >= (strikes === 'later' ? 2 : 1) &&
          (kinds?.includes(kind) ?? true),
      )
      .map((fault): TestCase => ({ scenario, faults: [fault] }))
  })
}

type Openers = Readonly<Partial<Record<OperationName, readonly Fault[]>>>

/** A creation reads and deletes only where something has failed already: each of these is such a failure. */
const openers: Openers = {
  AdminGetUser: faultsOf('AdminCreateUser:lost-answer', 'AdminAddUserToGroup:denied', 'AdminSetUserPassword:denied'),
  AdminDeleteUser: faultsOf('AdminAddUserToGroup:denied', 'AdminSetUserPassword:refused'),
}

/** What a generated password leads to when it fails: in a creation, and in a reset. */
const openersOfGenerated: Readonly<Partial<Record<ScenarioName, Openers>>> = {
  generated: {
    AdminGetUser: faultsOf('AdminSetUserPassword:denied'),
    UpdateSecretVersionStage: faultsOf('AdminSetUserPassword:throttled-lasting'),
    DeleteSecret: faultsOf('AdminSetUserPassword:refused'),
    AdminDeleteUser: faultsOf('PutSecretValue:denied'),
  },
  'generated-reset': {
    UpdateSecretVersionStage: faultsOf('AdminSetUserPassword:denied'),
    // The reader of before is let in again.
    PutResourcePolicy: faultsOf('AdminSetUserPassword:denied'),
  },
}

/** Pairs that show what no fault alone does, so that no sample leaves them out. */
const telling: readonly TestCase[] = [
  // What is removed can be made again by an attempt that was given up, and arrives after all.
  'AdminCreateUser:late+AdminAddUserToGroup:denied',
  'AdminCreateUser:late+AdminSetUserPassword:refused',
  // The last answer is a refusal, but the attempt before it took effect.
  'AdminSetUserPassword:lost-answer+AdminSetUserPassword:denied',
  'AdminSetUserPassword:lost-answer+AdminSetUserPassword:refused',
  'disable/AdminDisableUser:lost-answer+AdminDisableUser:denied',
  'disable/AdminUserGlobalSignOut:lost-answer+AdminUserGlobalSignOut:denied',
  'delete/AdminDeleteUser:lost-answer+AdminDeleteUser:denied',
  'reset-password/AdminSetUserPassword:lost-answer+AdminSetUserPassword:denied',
  'reset-password/AdminSetUserPassword:lost-answer+AdminSetUserPassword:refused',
  // A password that is in the secret and not set, or set and not in the secret.
  ...['generated', 'generated-resumed', 'generated-reset', 'generated-reset-first'].flatMap((scenario) =>
    [
      'PutSecretValue:lost-answer+AdminSetUserPassword:denied',
      'PutSecretValue:lost-answer+PutSecretValue:denied',
      'PutSecretValue:lost-answer-lasting+UpdateSecretVersionStage:denied-lasting',
      'PutSecretValue:late-lasting+UpdateSecretVersionStage:late',
      'PutSecretValue:concurrent-retry+AdminSetUserPassword:denied',
      'PutSecretValue:lost-answer-lasting+AdminSetUserPassword:late',
      'CreateSecret:lost-answer-lasting+PutSecretValue:denied',
      'PutResourcePolicy:late-lasting+PutSecretValue:denied',
      'AdminSetUserPassword:lost-answer+AdminSetUserPassword:denied',
      'AdminSetUserPassword:lost-answer+AdminSetUserPassword:throttled-lasting',
      'AdminSetUserPassword:late+AdminSetUserPassword:denied',
      'AdminSetUserPassword:lost-in-timeout-lasting+UpdateSecretVersionStage:lost-answer',
      'AdminSetUserPassword:denied+UpdateSecretVersionStage:crashed-after',
      'AdminSetUserPassword:denied+UpdateSecretVersionStage:late-lasting',
      'AdminSetUserPassword:denied+DeleteSecret:late-lasting',
    ].map((faults) => `${scenario}/${faults}`),
  ),
  ...[
    'CloseSecret:late+CloseSecret:denied',
    'CloseSecret:late-lasting+PutResourcePolicy:late',
    'CloseSecret:lost-answer+PutSecretValue:denied-lasting',
    'PutSecretValue:lost-answer-lasting+PutResourcePolicy:denied',
    'AdminSetUserPassword:lost-answer+PutResourcePolicy:late-lasting',
    'AdminSetUserPassword:late-lasting+PutResourcePolicy:lost-answer',
  ].map((faults) => `generated-reset/${faults}`),
  ...['generated-resumed', 'generated-reset'].flatMap((scenario) =>
    [
      'TakeTurn:lost-answer+TakeTurn:denied',
      'TakeTurn:lost-answer+PutResourcePolicy:denied',
      'TakeTurn:lost-answer+AdminSetUserPassword:denied',
    ].map((faults) => `${scenario}/${faults}`),
  ),
].map(knownCase)

/** Every fault at the operations that only another fault leads to, behind faults that do; and pairs of that sort. */
export const openedCases: readonly TestCase[] = [
  ...behind('fresh', openers),
  ...Object.entries(openersOfGenerated).flatMap(([scenario, those]) => behind(scenario as ScenarioName, those)),
  ...telling,
]

function behind(scenario: ScenarioName, those: Openers): TestCase[] {
  return strikingAtOnce.flatMap((fault) =>
    (those[fault.operation] ?? []).map((opener): TestCase => ({ scenario, faults: [opener, fault] })),
  )
}

/**
 * Every two faults that both strike one request in `fresh`, those of `openedCases` left out. Where one of them keeps
 * the request from the other's operation, the pair would be the single case again.
 */
export function pairCases(calls: Calls): TestCase[] {
  const traces = new Map(allFaults.map((fault) => [fault, calls({ scenario: 'fresh', faults: [fault] })]))
  const reaches = (fault: Fault, other: Fault): boolean =>
    (traces.get(fault)?.[other.operation] ?? 0) >= (fault.operation === other.operation ? 2 : 1)
  const known = new Set(openedCases.map(formatCase))
  return strikingAtOnce.flatMap((first) =>
    strikingAtOnce
      .filter((second) => comesFirst(first, second) && reaches(first, second))
      .filter((second) => isOpened(second) || first.operation === second.operation || reaches(second, first))
      .map((second): TestCase => ({ scenario: 'fresh', faults: [first, second] }))
      .filter((testCase) => !known.has(formatCase(testCase))),
  )
}

/** `count` of `cases`, the same ones for the same seed. */
export function sample(
  cases: readonly TestCase[],
  { seed, count }: { readonly seed: number; readonly count: number },
): TestCase[] {
  const rank = (testCase: TestCase): string =>
    createHash('sha256')
      .update(`${seed}:${formatCase(testCase)}`)
      .digest('hex')
  return cases
    .map((testCase) => ({ testCase, rank: rank(testCase) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ testCase }) => testCase)
}

function isOfInterest(scenario: ScenarioName, operation: OperationName): boolean {
  const { strikesAt }: Scenario = scenarios[scenario]
  if (strikesAt === 'everywhere') return true
  return strikesAt?.includes(operation) ?? touchesUser(operation)
}

/** Whoever changes a user by its name means the one that has it when the change begins. */
function isLookAtAnother({ operation, kind, strikes }: Fault): boolean {
  return operation === 'AdminGetUser' && kind === 'replaced' && strikes === 'once'
}

function knownCase(id: string): TestCase {
  const known = parseCase(id)
  if (known === undefined) throw new RangeError(`there is no case ${id}`)
  return known
}

function faultsOf(...texts: readonly string[]): readonly Fault[] {
  return texts.flatMap((text) => parseFault(text) ?? [])
}

const isOpened = ({ operation }: Fault): boolean => openers[operation] !== undefined

/** A pair is named once, in the order of the path; at one operation only a fault that ends leaves room for a second. */
function comesFirst(first: Fault, second: Fault): boolean {
  const [a, b] = [first, second].map(({ operation }) => operationNames.indexOf(operation))
  if (a !== b) return (a ?? 0) < (b ?? 0)
  return first.strikes === 'once' && formatFault(first) !== formatFault(second)
}
