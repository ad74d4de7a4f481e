import { describe, expect, it } from 'vitest'
import { frameworkEnvironment, readPorts } from '../../../../infra/offline/config.ts'

describe('the ports of npm run offline', () => {
  it('are those of npm start when nothing is said, with one for both APIs', () => {
    expect(readPorts({})).toEqual({ apis: 4001, aws: 4566 })
  })

  it('are what the variables say', () => {
    expect(readPorts({ PORT_APP1: '0', PORT_AWS: '5001', PORT_APP2: '5002' })).toEqual({ apis: 0, aws: 5001 })
  })

  it('are refused by the variable’s name when they are none', () => {
    expect(() => readPorts({ PORT_APP1: '65536' })).toThrow('PORT_APP1 must be a port number, 0 to 65535.')
  })
})

describe('the environment of the framework', () => {
  it('has nothing that leads to an AWS account, another caller or a proxy', () => {
    const environment = frameworkEnvironment('/home/of-it', {
      PATH: '/bin',
      HOME: '/home/somebody',
      AWS_PROFILE: 'production',
      AWS_SECRET_ACCESS_KEY: 'theirs',
      AWS_REGION: 'eu-west-1',
      AUTHORIZER: '{"iam":{}}',
      https_proxy: 'http://proxy.example',
      HTTP_PROXY: 'http://proxy.example',
      ABSENT: undefined,
    })

    expect(environment).toEqual({
      PATH: '/bin',
      HOME: '/home/of-it',
      USERPROFILE: '/home/of-it',
      AWS_REGION: 'us-east-1',
    })
  })
})
