import { describe, it } from 'vitest'
import { machineAuthModes } from '#shared/machine/machine-auth.ts'
import { expectNoLeak } from '../../support/leak-matrix.ts'

// test/component/leaks.test.ts has password.
describe.each(machineAuthModes.filter((mode) => mode !== 'password'))('secrets, with %s,', (mode) => {
  it('stand in no answer and no log line, on any path, in plain, base64, hex or URL encoding', () => expectNoLeak(mode))
})
