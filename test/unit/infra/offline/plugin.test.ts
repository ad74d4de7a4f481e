import { describe, expect, it } from 'vitest'
import type { OfflinePlan } from '../../../../infra/offline/plan.ts'
import { servedFunctions } from '../../../../infra/offline/plugin.ts'

const plan: OfflinePlan = {
  environments: {
    'app1-provisioner': { APP2_URL: 'http://127.0.0.1:4001/dev' },
    'create-user': { USER_POOL_ID: 'us-east-1_a' },
    sample: { ACCESS_FROM: 'authorizer' },
    authorizer: { SERVICE_CLIENT_ID: 's' },
  },
  callerArn: 'arn:aws:sts::123456789012:assumed-role/stand-in/session',
}

const functions = {
  app1Provisioner: {
    handler: 'dist/app1-provisioner/handler.handler',
    timeout: 29,
    environment: { USER_POOL_ID: { Ref: 'UserPool' } },
    events: [{ httpApi: { method: 'GET', path: '/health', authorizer: { type: 'aws_iam' } } }],
  },
  createUser: {
    handler: 'dist/create-user/handler.handler',
    events: [{ http: { path: '/admin/create-user', authorizer: { name: 'authorizer' } } }],
  },
  sample: { handler: 'dist/sample/handler.handler' },
  authorizer: { handler: 'dist/authorizer/handler.handler' },
  machineCredentialRotation: { handler: 'dist/machine-credential-rotation/handler.handler' },
}

const serve = (): ReturnType<typeof servedFunctions> => servedFunctions(functions, { plan, dist: '/service/dist' })

describe('the functions that serverless-offline serves', () => {
  it('are those that API Gateway calls, and not the rotation', () => {
    expect(Object.keys(serve())).toEqual(['app1Provisioner', 'createUser', 'sample', 'authorizer'])
  })

  it('App1 keeps its settings, loses its IAM authorizer, and knows that it is not in Lambda', () => {
    expect(serve()['app1Provisioner']).toEqual({
      handler: 'infra/offline/app1-handler.handler',
      timeout: 29,
      environment: {
        APP2_URL: 'http://127.0.0.1:4001/dev',
        AWS_LAMBDA_FUNCTION_NAME: '',
        LAMBDA_TASK_ROOT: '',
        BUNDLE: 'file:///service/dist/app1-provisioner/handler.mjs',
        STAND_IN_CALLER: plan.callerArn,
      },
      events: [{ httpApi: { method: 'GET', path: '/health', authorizer: undefined } }],
    })
  })

  it('App2’s keep their authorizer, and find nothing of App1’s in their environment', () => {
    expect(serve()['createUser']).toEqual({
      handler: 'infra/offline/app2-handler.handler',
      environment: { USER_POOL_ID: 'us-east-1_a', BUNDLE: 'file:///service/dist/create-user/handler.mjs' },
      events: [{ http: { path: '/admin/create-user', authorizer: { name: 'authorizer' } } }],
    })
  })

  it('a function that serverless.yml does not have is named', () => {
    const { app1Provisioner, createUser } = functions

    expect(() => servedFunctions({ app1Provisioner, createUser }, { plan, dist: '/service/dist' })).toThrow(
      'serverless.yml has no function sample',
    )
  })
})
