import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { choiceProblem } from '../../../../infra/serverless-plugin/choice-problem.ts'

const checkout = new URL('../../../../', import.meta.url)
const serverlessYml = z.object({ custom: z.object({ choice: z.record(z.string(), z.string()) }) })

const asDeployed = {
  machineAuth: 'password',
  machineAuthAlso: 'none',
  app2Authorizer: 'lambda',
  refuseIssuedBefore: null,
  authorizerTtlSeconds: 60,
  stackName: 'latchkey-dev',
}

describe('the choice of a deployment', () => {
  it.each([
    {},
    { machineAuth: 'client-credentials' },
    { machineAuth: 'client-token', app2Authorizer: 'cognito' },
    { machineAuth: 'sigv4' },
    { machineAuth: 'client-token', machineAuthAlso: 'password' },
    { refuseIssuedBefore: 'api-client=2026-01-31T12:00:00Z' },
    { stackName: 'latchkey-AWS' },
    { authorizerTtlSeconds: 0 },
    { authorizerTtlSeconds: '9' },
    { authorizerTtlSeconds: '60' },
  ])('with %j can be deployed', (changes) => {
    expect(choiceProblem({ ...asDeployed, ...changes })).toBeUndefined()
  })

  it.each([
    [{ machineAuth: 'Password' }, 'machineAuth has to be one of password, client-credentials, client-token, sigv4.'],
    [{ machineAuth: 'none' }, 'machineAuth has to be one of'],
    [{ machineAuthAlso: 'both' }, 'machineAuthAlso has to be none, or one of'],
    [{ app2Authorizer: 'native' }, 'app2Authorizer has to be lambda or cognito.'],
    [{ refuseIssuedBefore: 'api-client=yesterday' }, 'refuseIssuedBefore has to be'],
    [{ refuseIssuedBefore: '' }, 'refuseIssuedBefore has to be'],
    [{ machineAuthAlso: 'password' }, 'machineAuthAlso names the same mode as machineAuth'],
    [{ machineAuthAlso: 'sigv4' }, 'sigv4 goes with no second mode'],
    [{ machineAuth: 'sigv4', machineAuthAlso: 'client-token' }, 'sigv4 goes with no second mode'],
    [{ machineAuth: 'client-credentials', machineAuthAlso: 'client-token' }, 'do not go together'],
    [{ app2Authorizer: 'cognito' }, 'app2Authorizer=cognito knows scopes alone'],
    [{ machineAuth: 'sigv4', app2Authorizer: 'cognito' }, 'app2Authorizer=cognito knows scopes alone'],
    [
      {
        machineAuth: 'client-token',
        app2Authorizer: 'cognito',
        refuseIssuedBefore: 'app2/users.create=2026-01-31T12:00:00Z',
      },
      'refuseIssuedBefore is for app2Authorizer=lambda',
    ],
    [{ machineAuth: 'client-credentials', stackName: 'latchkey-Test' }, 'client-credentials makes a domain'],
    [{ machineAuth: 'client-credentials', stackName: 'latchkey-my-aws' }, 'client-credentials makes a domain'],
  ])('with %j is refused in words: %s', (changes, words) => {
    expect(choiceProblem({ ...asDeployed, ...changes })).toContain(words)
  })

  it.each([61, 300, -1, 0.5, '', '61', '060', 'none'])('with an authorizer cache of %j is refused', (seconds) => {
    expect(choiceProblem({ ...asDeployed, authorizerTtlSeconds: seconds })).toBe(
      'authorizerTtlSeconds has to be a whole number from 0 to 60.',
    )
  })

  it('is made of the parameters of the same names', () => {
    const { custom } = serverlessYml.parse(
      parse(readFileSync(new URL('serverless.yml', checkout), 'utf8'), { logLevel: 'error' }),
    )
    const { stackName, ...parameters } = custom.choice

    expect(stackName).toBe('${self:service}-${sls:stage}')
    expect(Object.keys(custom.choice).toSorted()).toEqual(Object.keys(asDeployed).toSorted())
    for (const [name, text] of Object.entries(parameters)) expect(text).toMatch(`\${param:${name}`)
  })

  it('that serverless.yml does not state is refused', () => {
    expect(choiceProblem(undefined)).toBe('custom.choice in serverless.yml is not as the plugin knows it.')
  })
})
