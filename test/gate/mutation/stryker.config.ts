// Which code is mutated, and by which tests it is judged. Run from the project's root by test/gate/mutation/run.ts.
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What decides about trust. By name where a folder holds more than that. */
export const mutate = [
  'services/app2-accounts/authorizer/*.ts',
  'shared/access-rules.ts',
  'shared/human/*.ts',
  'shared/jwt/*.ts',
  'shared/password-cipher/*.ts',
  'shared/text/length-prefixed.ts',
  // Who may ask App1 for what, and the cursor of its lists.
  'services/app1-provisioner/caller.ts',
  'services/app1-provisioner/list-cursor.ts',
  'services/app1-provisioner/jobs/check-rows.ts',
  // Whom App1 verified when it accepted a job.
  'services/app2-accounts/create-user/human-of-job.ts',
  // Whom manage-users sees, and what it says of a change.
  'services/app2-accounts/manage-users/manage-users.ts',
  // What holds a token to the creation that it was made for.
  'services/app2-accounts/create-user/require-binding.ts',
  // App2's second check, with every source of a caller.
  'shared/http/access-source.ts',
  'shared/http/gateway-callers.ts',
  'shared/http/claims-caller.ts',
  'shared/http/read-human-token.ts',
  'shared/http/require-access.ts',
  // What the authorizer and the sources read identities with.
  'shared/aws/issuer.ts',
  'shared/aws/pool-keys.ts',
  'shared/aws/role-arn.ts',
  'shared/machine/scopes.ts',
]

export default {
  mutate,
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', './test/gate/mutation/ignore-descriptions.ts'],
  ignorers: ['descriptions'],
  vitest: { configFile: 'test/gate/mutation/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  ignorePatterns: ['**/node_modules', 'coverage', 'dist', '.venv'],
  // Outside of the checkout, where no linter and no other test run comes upon mutated code.
  tempDirName: join(tmpdir(), 'latchkey-mutation'),
  cleanTempDir: 'always',
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: 'test/gate/mutation/node_modules/.cache/mutation.json' },
}
