import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/unit/services/app2-accounts/authorizer/**/*.test.ts',
      'test/unit/shared/password-cipher/**/*.test.ts',
      'test/unit/shared/access-rules.test.ts',
      // Compares the descriptions of the settings with the README's table.
      'test/unit/readme.test.ts',
    ],
    setupFiles: ['test/support/deny-network.ts'],
    restoreMocks: true,
    unstubEnvs: true,
  },
})
