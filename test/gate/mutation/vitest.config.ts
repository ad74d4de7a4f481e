import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/unit/services/app2-accounts/{authorizer,manage-users}/**/*.test.ts',
      'test/unit/services/app2-accounts/create-user/{app,human-of-job}.test.ts',
      'test/unit/services/app1-provisioner/{caller,list-cursor,service-users,jobs/check-rows}.test.ts',
      'test/unit/shared/{human,jwt,password-cipher}/**/*.test.ts',
      'test/unit/shared/{access-rules,aws/role-arn,machine/scopes}.test.ts',
      'test/unit/shared/http/{access-source,claims-caller,gateway-callers,read-human-token,require-access}.test.ts',
    ],
    setupFiles: ['test/support/deny-network.ts'],
    restoreMocks: true,
    unstubEnvs: true,
  },
})
