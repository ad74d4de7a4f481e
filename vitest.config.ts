import { defineConfig } from 'vitest/config'

// What takes seconds by itself (processes, bundles, every fault of a rotation, all of local AWS with its RSA keys) is for
// `npm test`, not for `npm run check`.
const slow = ['test/**/*.slow.test.ts', 'test/unit/infra/local/aws/**/*.test.ts']

const project = (name: string, extra: { testTimeout?: number; setupFiles?: string[] } = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], exclude: slow, ...extra },
})

export default defineConfig({
  test: {
    setupFiles: ['test/support/deny-network.ts', 'test/support/leave-worker-clean.ts'],
    // A worker loads the SDK once, not once a file: half of the time that the tests took.
    isolate: false,
    reporters: ['default', './test/attacks/support/attack-reporter.ts'],
    // By default a core stays free, which on a machine of two is half of it.
    maxWorkers: '100%',
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      project('unit'),
      project('property', { testTimeout: 60_000, setupFiles: ['test/support/property-runs.ts'] }),
      project('component', { testTimeout: 30_000 }),
      project('contract', { testTimeout: 30_000 }),
      project('attacks', { testTimeout: 30_000 }),
      { extends: true as const, test: { name: 'slow', include: slow, testTimeout: 60_000 } },
      'test/deployment/vitest.config.ts',
    ],
    coverage: {
      provider: 'v8',
      include: [
        'services/**/*.ts',
        'shared/**/*.ts',
        'infra/command-line.ts',
        'infra/local/**/*.ts',
        'infra/operations/**/*.ts',
      ],
      // These run in a process or thread of their own, where v8 does not look: test/component/commands.test.ts and the
      // tests of inWorker run them as they are.
      exclude: [
        'infra/local/demo.ts',
        'infra/local/demo/**',
        'infra/local/start.ts',
        'infra/local/gateway/lambda-worker.ts',
        'infra/operations/*/main.ts',
      ],
      reporter: ['text-summary', 'text', 'json-summary'],
      thresholds: {
        lines: 95,
        branches: 95,
        functions: 95,
        statements: 95,
        'services/app2-accounts/authorizer/**': { 100: true },
        'shared/password-cipher/**': { 100: true },
        'shared/access-rules.ts': { 100: true },
      },
    },
  },
})
