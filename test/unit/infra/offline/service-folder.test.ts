import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OfflinePlan } from '../../../../infra/offline/plan.ts'
import { makeServiceFolder, withPlugins } from '../../../../infra/offline/service-folder.ts'

const plan: OfflinePlan = {
  environments: { 'app1-provisioner': {}, 'create-user': {}, sample: {}, authorizer: {} },
  callerArn: 'arn:aws:sts::123456789012:assumed-role/stand-in/session',
}

describe('the folder that serverless-offline works in', () => {
  it('has two plugins more than serverless.yml, and nothing else changed', async () => {
    const original = readFileSync(new URL('../../../../serverless.yml', import.meta.url), 'utf8')
    const folder = await makeServiceFolder(plan)

    const copy = readFileSync(join(folder.path, 'serverless.yml'), 'utf8')
    const names = readdirSync(folder.path)
    await folder.close()

    const added = copy.split('\n').filter((line) => !original.split('\n').includes(line))
    expect(added).toEqual([
      '  - ./infra/offline/plugin.ts',
      '  - ./infra/offline/node_modules/serverless-offline/src/index.js',
    ])
    expect(copy.replace(`${added.join('\n')}\n`, '')).toBe(original)
    expect(names).not.toContain('dist')
  })

  it('is removed when closed, and the checkout behind its links is not', async () => {
    const folder = await makeServiceFolder(plan)

    await folder.close()

    expect(existsSync(folder.path)).toBe(false)
    expect(existsSync(new URL('../../../../infra/offline/plugin.ts', import.meta.url))).toBe(true)
  })

  it('cannot be made of a configuration without plugins', () => {
    expect(() => withPlugins('service: latchkey\n')).toThrow('serverless.yml has no list of plugins')
  })
})
