import { describe, it } from 'vitest'
import { expectNoLeak } from '../support/leak-matrix.ts'

// The other modes are the gate's: test/gate/modes/leaks.test.ts.
describe('secrets, with password,', () => {
  it('stand in no answer and no log line, on any path, in plain, base64, hex or URL encoding', () =>
    expectNoLeak('password'))
})
