// Which code is mutated, and by which tests it is judged. Run from the project's root by test/mutation/run.ts.
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['services/app2-accounts/authorizer/*.ts', 'shared/access-rules.ts', 'shared/password-cipher/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  ignorePatterns: ['**/node_modules', 'coverage', 'dist', '.venv'],
  // Outside of the checkout, where no linter and no other test run comes upon mutated code.
  tempDirName: join(tmpdir(), 'latchkey-mutation'),
  cleanTempDir: 'always',
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: 'test/mutation/node_modules/.cache/mutation.json' },
}
