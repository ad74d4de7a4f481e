// Sends the operators' commands through the proxy that the environment names, as the AWS CLI goes through it.
import http from 'node:http'
import https from 'node:https'
import type { Environment } from '#shared/env.ts'
import { UsageError } from './command-line.ts'

/**
 * From here on `fetch` goes through HTTPS_PROXY, past the hosts of NO_PROXY (both also in lower case, which comes first), and
 * so does an SDK client whose request handler has the options that are returned. HTTP_PROXY is not read: plain http is for
 * this machine, which no proxy is asked for. Throws UsageError for what is no proxy's address.
 *
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html
 */
export function useProxy(environment: Environment): { readonly httpsAgent?: https.Agent } {
  const proxy = (environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '').trim()
  if (proxy === '') return {}
  const address = proxy.includes('://') ? proxy : `http://${proxy}`
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new UsageError('HTTPS_PROXY is no address of a proxy: http://host:port.')
  }
  if (!('setGlobalProxyFromEnv' in http)) throw new UsageError('HTTPS_PROXY needs Node 24.14 or newer.')
  http.setGlobalProxyFromEnv({ https_proxy: address, no_proxy: hostsPastTheProxy(environment) })
  return { httpsAgent: https.globalAgent }
}

/** For the AWS CLI a name in NO_PROXY stands for the names below it too, for Node only with a dot in front. */
export function hostsPastTheProxy(environment: Environment): string {
  const named = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(',').map((host) => host.trim())
  return [...named, 'localhost', '127.0.0.1', '[::1]', '::1']
    .filter((host) => host !== '')
    .flatMap((host) => (/^[a-z]/i.test(host) ? [host, `.${host}`] : [host]))
    .join(',')
}
