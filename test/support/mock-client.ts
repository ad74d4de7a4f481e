// SDK clients of a class answer from a mock until the test file ends: test files share a worker, and so a class.
import { mockClient as mockSdkClient } from 'aws-sdk-client-mock'
import { afterAll } from 'vitest'

/** As in aws-sdk-client-mock. For the top level of a test file. */
export const mockClient: typeof mockSdkClient = (client) => {
  const mock = mockSdkClient(client)
  afterAll(() => {
    mock.restore()
  })
  return mock
}
