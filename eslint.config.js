import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

// These import the peers of test/gate/bench/package.json, which are not installed here; test/gate/bench/tsconfig.json has them.
const withPeers = ['test/gate/bench/decision.ts', 'test/gate/bench/main.ts']

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    'coverage/',
    '.venv/',
    'dist/',
    '.serverless/',
    'shared/client/generated/',
    ...withPeers,
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // Its successor, @hono/aws-lambda, belongs to Hono 5; in Hono 4 this adapter is the one that there is.
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'hono', name: ['handle', 'LambdaEvent', 'LambdaContext'] }] },
      ],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts and handler.ts read the environment.' },
      ],
    },
  },
  {
    files: [
      '**/handler.ts',
      '**/config.ts',
      'infra/local/**/*.ts',
      'infra/emulators/**/*.ts',
      'infra/cli/*/main.ts',
      'test/**/*.ts',
      'docs/examples/*.ts',
      '*.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['services/**/*.ts', 'shared/**/*.ts'],
    ignores: ['shared/aws/aws-client-options.ts'],
    languageOptions: { globals: { fetch: 'readonly' } },
    // A call that nobody repeats must not meet a connection that died while it was idle.
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'sendOnce keeps no connection, and costs a cold start less.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'Property[key.name="maxAttempts"]', message: 'unrepeatedCallOptions keep no connection.' },
      ],
    },
  },
  {
    // A client of App1: it repeats by itself what may be repeated, and no function has it.
    files: ['shared/client/*.ts'],
    rules: {
      'no-restricted-globals': 'off',
      // Parameters of the types that the generated operations ask for.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['infra/local/**/*.ts', 'infra/emulators/**/*.ts', 'test/**/*.ts', 'docs/examples/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
)
