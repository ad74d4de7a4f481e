import { GetProvisionedLimitCommand } from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { refusal, startTestAws, type TestAws } from '../test-aws.ts'

function getLimit({ cognito }: TestAws, Attributes: Record<string, string>) {
  const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes } as const
  return cognito.send(new GetProvisionedLimitCommand({ LimitDefinition }))
}

describe('GetProvisionedLimit', () => {
  it.each([
    [undefined, 50],
    [1, 50],
    [2.5, 125],
    [0.25, 12],
    [0.001, 1],
  ])('with quotas times %s admits %i creations a second', async (quotaScale, ProvisionedLimitValue) => {
    const local = await startTestAws()
    local.aws.setQuotaScale(quotaScale)

    const { Limit } = await getLimit(local, { Category: 'UserCreation' })

    expect(Limit).toEqual({
      LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserCreation' } },
      ProvisionedLimitValue,
      FreeLimitValue: 50,
    })
  })

  it.each([{ Category: 'SecretCreation' }, { Category: 'toString' }, {}])('of %o is refused', async (attributes) => {
    const local = await startTestAws()

    expect(await refusal(getLimit(local, attributes))).toMatch(/^InvalidParameterException/)
  })
})
