// curl as a client that signs (`--aws-sigv4`), which shares no code with us; it says so where it is missing or too old.
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { SigningCredential } from '../../gateway/signing-credential.ts'

const [, major = 0, minor = 0] = (/^curl (\d+)\.(\d+)/.exec(versionText()) ?? []).map(Number)

/** `--aws-sigv4` came with curl 7.75. */
export const canSign = major > 7 || (major === 7 && minor >= 75)

/** For the title of a test that is skipped. */
export const whySkipped = canSign ? '' : ' (skipped: no curl of 7.75 or later)'

/** The status and the body of a signed POST, or GET where there is no body. */
export async function curl(
  url: string,
  request: { readonly credential: SigningCredential; readonly body?: string; readonly args?: readonly string[] },
): Promise<{ readonly status: number; readonly body: string }> {
  const { credential, body, args = [] } = request
  const token = credential.sessionToken === undefined ? [] : ['-H', `x-amz-security-token: ${credential.sessionToken}`]
  const data = body === undefined ? [] : ['-H', 'content-type: application/json', '--data-binary', body]
  const { stdout } = await promisify(execFile)('curl', [
    ...['-q', '-sS', '--max-time', '20', '-w', '\n%{http_code}', '--aws-sigv4', 'aws:amz:us-east-1:execute-api'],
    ...['--user', `${credential.accessKeyId}:${credential.secretAccessKey}`],
    ...token,
    ...data,
    ...args,
    url,
  ])
  const at = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) }
}

function versionText(): string {
  try {
    return execFileSync('curl', ['--version'], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
