import { describe, expect, it } from 'vitest'
import { isolatedEnvironment } from '#test/gate/moto/isolated-environment.ts'
import { UsageError } from '#infra/cli/command-line.ts'
import { readOptions } from '#test/gate/moto/options.ts'

describe('the options', () => {
  it('name the moto to start: --moto before MOTO_SERVER before the one on the PATH', () => {
    const command = (args: readonly string[], environment: Record<string, string>) => readOptions(args, environment)

    expect(command(['--moto', '/a'], { MOTO_SERVER: '/b' })).toEqual({ kind: 'start_moto', command: '/a' })
    expect(command([], { MOTO_SERVER: '/b' })).toEqual({ kind: 'start_moto', command: '/b' })
    expect(command([], { MOTO_SERVER: '' })).toEqual({ kind: 'start_moto', command: 'moto_server' })
  })

  it('take an endpoint of this machine, without the slash at its end', () => {
    for (const endpoint of ['http://127.0.0.1:5000/', 'http://localhost:5000', 'http://[::1]:5000']) {
      expect(readOptions(['--endpoint', endpoint], {})).toEqual({
        kind: 'use_endpoint',
        url: endpoint.replace(/\/$/, ''),
      })
    }
  })

  it.each([
    { endpoint: 'http://192.0.2.1:5000', why: /not on this machine/ },
    { endpoint: 'http://127.0.0.1.example.com', why: /not on this machine/ },
    { endpoint: 'https://cloudformation.us-east-1.amazonaws.com', why: /must be http:/ },
    { endpoint: 'http://127.0.0.1:5000/path', why: /must be http:/ },
    { endpoint: 'http://user@127.0.0.1:5000', why: /must be http:/ },
    { endpoint: 'moto', why: /must be http:/ },
  ])('refuse the endpoint $endpoint', ({ endpoint, why }) => {
    expect(() => readOptions(['--endpoint', endpoint], {})).toThrow(UsageError)
    expect(() => readOptions(['--endpoint', endpoint], {})).toThrow(why)
  })

  it('refuse --moto beside --endpoint, and what they do not know', () => {
    expect(() => readOptions(['--moto', 'a', '--endpoint', 'http://127.0.0.1:1'], {})).toThrow(/exclude each other/)
    expect(() => readOptions(['--stage', 'prod'], {})).toThrow(/no such option/)
  })

  it('do not look at AWS_ENDPOINT_URL', () => {
    expect(readOptions([], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toMatchObject({ kind: 'start_moto' })
  })

  it('show the help when asked', () => {
    expect(readOptions(['--help'], {})).toEqual({ kind: 'help' })
  })
})

describe('the isolated environment', () => {
  const callers = {
    PATH: '/bin',
    HOME: '/home/operator',
    AWS_PROFILE: 'prod',
    AWS_ACCESS_KEY_ID: 'real',
    AWS_SESSION_TOKEN: 'real',
    AWS_ENDPOINT_URL_S3: 'https://s3.amazonaws.com',
    HTTPS_PROXY: 'http://proxy',
    https_proxy: 'http://proxy',
    UNSET: undefined,
  }

  it('has nothing of the caller’s that leads to AWS', () => {
    expect(isolatedEnvironment(callers, { home: '/tmp/home' })).toEqual({
      PATH: '/bin',
      HOME: '/tmp/home',
      USERPROFILE: '/tmp/home',
      NO_COLOR: '1',
      AWS_REGION: 'us-east-1',
    })
  })

  it('with an endpoint, has that and credentials that are good nowhere', () => {
    expect(isolatedEnvironment(callers, { home: '/tmp/home', endpoint: 'http://127.0.0.1:1' })).toEqual({
      PATH: '/bin',
      HOME: '/tmp/home',
      USERPROFILE: '/tmp/home',
      NO_COLOR: '1',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
    })
  })
})
