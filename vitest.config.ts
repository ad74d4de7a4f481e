import { defineConfig } from 'vitest/config'

const project = (name: string, options: { include?: string; testTimeout?: number; setupFiles?: string[] } = {}) => {
  const { include = `test/${name}/**/*.test.ts`, ...rest } = options
  return { extends: true as const, test: { name, include: [include], exclude: ['test/gate/deployment/**'], ...rest } }
}

// `npm test` runs the first five: all that decides whether the product works. The rest is the gate's.
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
    testTimeout: 30_000,
    // Pairs are started in hooks, and a machine may be busy.
    hookTimeout: 60_000,
    projects: [
      project('unit'),
      project('property', { testTimeout: 60_000, setupFiles: ['test/support/property-runs.ts'] }),
      project('component'),
      project('contract'),
      project('attacks'),
      project('emulators', { include: 'infra/emulators/test/**/*.test.ts', testTimeout: 60_000 }),
      project('gate', { testTimeout: 60_000 }),
      'test/gate/deployment/vitest.config.ts',
    ],
    coverage: {
      provider: 'v8',
      include: [
        'services/**/*.ts',
        'shared/**/*.ts',
        'infra/local/**/*.ts',
        'infra/emulators/**/*.ts',
        'infra/cli/**/*.ts',
      ],
      // These run in a process or thread of their own, where v8 does not look: the gate's tests run them as they are.
      exclude: [
        'infra/local/demo.ts',
        'infra/local/demo/**',
        'infra/local/start.ts',
        'infra/emulators/gateway/lambda-worker.ts',
        'infra/emulators/test/**',
        'infra/cli/*/main.ts',
        'shared/client/generated/**',
      ],
      reporter: ['text-summary', 'text', 'json-summary'],
      thresholds: {
        lines: 95,
        branches: 95,
        functions: 95,
        statements: 95,
        'services/app2-accounts/authorizer/**': { 100: true },
        'shared/jwt/**': { 100: true },
        'shared/password-cipher/**': { 100: true },
        'shared/access-rules.ts': { 100: true },
      },
    },
  },
})
