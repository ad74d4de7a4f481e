import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { operatorCredentials, operatorRegion, profileOf } from '#infra/cli/aws-access.ts'

const profiles = `
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = canary
region = eu-south-1
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/ops
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/alice
[profile ended]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ops
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = eu-west-1
[profile failing]
credential_process = sh -c 'echo canary >&2; exit 3'
[profile garbled]
credential_process = echo '{"SecretAccessKey": canary'
[default]
credential_process = sh -c 'echo canary; exit 3'
`
let home = ''

beforeEach(async () => {
  // Of its own for each test: the SDK remembers files by their names.
  home = await mkdtemp(join(tmpdir(), 'operator-'))
  await writeFile(join(home, 'config'), profiles)
  for (const [name, value] of Object.entries({
    HOME: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'),
    AWS_EC2_METADATA_DISABLED: 'true',
  })) {
    vi.stubEnv(name, value)
  }
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE']) {
    vi.stubEnv(name, undefined)
  }
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, undefined)
})

afterEach(() => rm(home, { recursive: true }))

const credentials = (askMfaCode?: (serialNumber: string) => Promise<string>) =>
  operatorCredentials(process.env, { requestHandler: {}, askMfaCode })()

describe('operatorCredentials', () => {
  it.each([
    ['mfa', 'Profile mfa requires multi-factor authentication, but no MFA code callback was provided.'],
    [
      'ended',
      'The SSO session token associated with profile=ended was not found or is invalid. ' +
        "To refresh this SSO session run 'aws sso login' with the corresponding profile.",
    ],
    [
      'failing',
      'The credential_process of the profile failed. What it printed is not repeated here: run it by itself.',
    ],
    ['garbled', 'Profile garbled credential_process returned invalid JSON.'],
    ['unknown', 'Could not resolve credentials using profile: [unknown] in configuration/credentials file(s).'],
  ])('of the profile %s fails with the SDK’s own reason', async (profile, message) => {
    vi.stubEnv('AWS_PROFILE', profile)

    await expect(credentials()).rejects.toMatchObject({ name: 'CredentialsProviderError', message })
  })

  it('without a profile fails with what each provider said, and never with what it printed', async () => {
    const error: unknown = await credentials().catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({
      name: 'CredentialsProviderError',
      message:
        'Could not load credentials from any providers; The credential_process of the profile failed. What it printed ' +
        'is not repeated here: run it by itself.; EC2 Instance Metadata Service access disabled',
    })
  })

  it('asks for the code of a device that the profile names', async () => {
    vi.stubEnv('AWS_PROFILE', 'mfa')
    const ask = vi.fn((serialNumber: string) => Promise.reject(new Error(`asked for ${serialNumber}`)))

    await expect(credentials(ask)).rejects.toThrow('asked for arn:aws:iam::123456789012:mfa/alice')
  })

  it('of the environment come before a profile, as with the AWS CLI', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary')
    vi.stubEnv('AWS_PROFILE', 'base')

    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIAENV' })
  })

  it.each(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'])('are those of the profile that %s names', async (variable) => {
    vi.stubEnv(variable, 'base')

    expect(profileOf(process.env)).toBe('base')
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIABASE' })
  })
})

describe('operatorRegion', () => {
  it.each([
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-1'],
    [{ AWS_DEFAULT_REGION: 'eu-west-2', AWS_PROFILE: 'base' }, 'eu-west-2'],
    [{ AWS_PROFILE: 'base' }, 'eu-south-1'],
    [{ AWS_DEFAULT_PROFILE: 'base' }, 'eu-south-1'],
    [{}, undefined],
  ])('with %j is %s', async (variables, region) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)

    expect(await operatorRegion(process.env)).toBe(region)
  })
})
