import { describe, expect, it } from 'vitest'
import { readPackagedFunctions } from '../../../gate/artifacts/packaged-functions.ts'
import { parseTemplate } from '#test/gate/moto/packaged-template.ts'

function template(variables: Readonly<Record<string, unknown>> | undefined) {
  const lambda = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'latchkey-dev-create-user',
      Handler: 'dist/create-user/handler.handler',
      Timeout: 25,
      MemorySize: 512,
      Code: { S3Key: 'serverless/latchkey/dev/1/createUser.zip' },
      ...(variables && { Environment: { Variables: variables } }),
    },
  }
  const other = { Type: 'AWS::SNS::Topic', Properties: {} }
  return parseTemplate(JSON.stringify({ Resources: { Lambda: lambda, Topic: other }, Outputs: {} }))
}

const made = new Map([['UserPool', { ref: 'us-east-1_abc', attributes: {} }]])
const options = { folder: '/package', made, replacements: { APP2_URL: 'https://127.0.0.1:1' } }

describe('readPackagedFunctions', () => {
  it('gives each function under its folder, with references resolved and replacements in their place', () => {
    const APP2_URL = { 'Fn::Sub': 'https://${Api}.example' }

    const functions = readPackagedFunctions(
      template({ USER_POOL_ID: { Ref: 'UserPool' }, APP2_URL, RATE: '20' }),
      options,
    )

    expect([...functions]).toEqual([
      [
        'create-user',
        {
          name: 'latchkey-dev-create-user',
          handler: 'dist/create-user/handler.handler',
          archive: '/package/createUser.zip',
          timeoutSeconds: 25,
          memoryMb: 512,
          variables: { USER_POOL_ID: 'us-east-1_abc', APP2_URL: 'https://127.0.0.1:1', RATE: '20' },
        },
      ],
    ])
  })

  it('gives no replacement to a function without that variable', () => {
    const functions = readPackagedFunctions(template(undefined), options)

    expect(functions.get('create-user')?.variables).toEqual({})
  })

  it('refuses a variable that refers to what was not made', () => {
    const packaged = template({ KMS_KEY_ARN: { 'Fn::GetAtt': ['PasswordKey', 'Arn'] } })

    expect(() => readPackagedFunctions(packaged, options)).toThrow('KMS_KEY_ARN refers to what was not made')
  })
})
