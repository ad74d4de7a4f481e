import { describe, expect, it } from 'vitest'
import { logMetricFilters } from '#infra/deploy/log-metrics.ts'

const logGroups = (...names: string[]): Record<string, { Type: string }> =>
  Object.fromEntries(names.map((name) => [name, { Type: 'AWS::Logs::LogGroup' }]))

const inEveryMode = [
  ...['App1ProvisionerLogGroup', 'CreateUserLogGroup', 'SampleLogGroup', 'App2AccessLog', 'HttpApiLogGroup'],
]

describe('logMetricFilters', () => {
  it.each(inEveryMode)('a template without %s is refused', (missing) => {
    const others = inEveryMode.filter((name) => name !== missing)

    expect(() => logMetricFilters(logGroups(...others))).toThrow(`The template has no ${missing}`)
  })

  it('the log groups of jobs may be absent', () => {
    const [without, all] = [
      inEveryMode,
      [...inEveryMode, 'JobsLogGroup', 'JobWorkerLogGroup', 'CheckUsersLogGroup'],
    ].map((names) => Object.keys(logMetricFilters(logGroups(...names))))

    expect(all?.length).toBe((without?.length ?? 0) + 8 + 10 + 4)
  })

  it('the log groups of manage-users, the authorizer and the rotation may be absent, and are counted where they are there', () => {
    const without = Object.keys(logMetricFilters(logGroups(...inEveryMode)))
    const all = Object.keys(
      logMetricFilters(
        logGroups(...inEveryMode, 'ManageUsersLogGroup', 'AuthorizerLogGroup', 'MachineCredentialRotationLogGroup'),
      ),
    )

    expect(all.filter((logicalId) => !without.includes(logicalId))).toEqual([
      ...['UserChangesFilter', 'UsersDeletedFilter', 'PartialChangesFilter'],
      ...[
        'RefusalsFilter',
        'FailuresFilter',
        'AccessDeniedFilter',
        'UnreadableFilter',
        'GateFilter',
        'OpenErrorsFilter',
      ]
        .concat('DirectoryErrorsFilter', 'DirectoryMs')
        .map((name) => `ManageUsers${name}`),
      ...['TokensAcceptedFilter', 'TokensRefusedFilter', 'KeySetNotFetchedFilter', 'AuthorizerTroubleFilter'],
      ...['RotationStepsFilter', 'RotationFailuresFilter'],
    ])
  })
})
