import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

// Apart from the other projects, since it packages the service before its tests, in every variant.
export default defineConfig({
  root: resolve(import.meta.dirname, '../../..'),
  test: {
    name: 'deployment',
    include: ['test/gate/deployment/**/*.test.ts'],
    globalSetup: ['test/gate/deployment/package-service.ts'],
    setupFiles: ['test/support/deny-network.ts'],
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 30_000,
  },
})
