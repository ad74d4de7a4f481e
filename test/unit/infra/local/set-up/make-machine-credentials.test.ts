import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { applyTemplates } from '#infra/local/set-up/apply-templates.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { startTestAws } from '../../../../../infra/emulators/test/aws/test-aws.ts'

async function startProvisioned() {
  const local = await startTestAws()
  const templatesFolder = new URL('../../../../../infra/templates/', import.meta.url)
  return { ...local, provisioned: await applyTemplates({ ...local, region: local.aws.region, templatesFolder }) }
}

describe('makeMachineCredentials', () => {
  it('names the call that failed', async () => {
    const local = await startProvisioned()
    local.aws.setFaults([{ operation: 'AdminAddUserToGroup', kind: 'throttled', when: 'before', calls: { nth: 1 } }])

    await expect(makeMachineCredentials(local)).rejects.toMatchObject({
      name: 'SetUpError',
      message: 'rotating the machine secret: AdminAddUserToGroup failed: TooManyRequestsException',
    })
  })

  it('names a failure of another kind, and repeats nothing of its message', async () => {
    const local = await startProvisioned()
    const broken = (): never => {
      throw new RangeError('canary')
    }
    const logger = { ...recordingLogger(), info: broken }

    const failure: unknown = await makeMachineCredentials({ ...local, logger }).catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'SetUpError', message: 'rotating the machine secret: RangeError' })
    expect(inspect(failure)).not.toContain('canary')
  })
})
