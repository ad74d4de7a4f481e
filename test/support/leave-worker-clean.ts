// Vitest set-up: test files share a worker, so each leaves it without spies, stubbed variables or fake timers.
import { afterAll, vi } from 'vitest'

afterAll(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})
