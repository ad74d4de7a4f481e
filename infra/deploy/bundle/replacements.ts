// What a deployed function never uses, or must not reach, replaced while it is bundled; nothing here touches signing, retries or TLS.
import type { Plugin } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod/mini'

/**
 * The sizes beside them are of App1's bundle, minified. When a package moves one of these files, its replacement no longer
 * takes place and the bundle grows by as much: test/unit/infra/deploy/bundle would say so.
 */
export const replacements: readonly Plugin[] = [
  /**
   * A function has its credentials in its environment. The SDK's default chain would also look for profiles, single
   * sign-on, web identities and metadata servers: 136 kB of code that is never used, and ways to another identity.
   */
  replace('credentials-of-the-environment', {
    file: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/,
    contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
  }),

  /**
   * The SDK would read `~/.aws/config`, or what `AWS_CONFIG_FILE` names, for settings that are not in the environment,
   * `endpoint_url` among them: a way to another endpoint past the check that the configuration makes of
   * `AWS_ENDPOINT_URL`. To the SDK both files are now as good as absent. 2 kB, and `fs.promises` is not loaded.
   */
  replace('without-configuration-files', {
    file: /[\\/]shared-ini-file-loader[\\/]loadSharedConfigFiles\.js$/,
    contents: `
      export { CONFIG_PREFIX_SEPARATOR } from './constants'
      export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} })`,
  }),

  /**
   * The SDK loads this on the first operation whose input or output is an event stream. Cognito's user pools, KMS and
   * Secrets Manager have none. 19 kB, and `node:zlib`, which only the stream's checksum needed.
   */
  replace('without-event-streams', {
    file: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/,
    contents: "throw new Error('Left out: see infra/deploy/bundle/replacements.ts')",
  }),

  /**
   * The authorizer hands aws-jwt-verify its keys; the library's own way to fetch them is never taken. Without it there is
   * no second way to keys past our checks of an answer.
   */
  replace('without-the-fetch-of-aws-jwt-verify', {
    file: /[\\/]aws-jwt-verify[\\/]dist[\\/]esm[\\/]https-node\.js$/,
    contents: "export async function fetch() { throw new Error('Left out: see infra/deploy/bundle/replacements.ts') }",
  }),

  manifestsWithVersionOnly(),
  builtinsWithoutGetters(),
  withoutTheLocalCipher(),
]

/** `contents` in place of every file whose path matches; its imports are resolved as that file's were. */
function replace(name: string, { file, contents }: { readonly file: RegExp; readonly contents: string }): Plugin {
  return {
    name,
    setup(build) {
      build.onLoad({ filter: file }, ({ path }) => ({ contents, resolveDir: dirname(path) }))
    },
  }
}

/** Each SDK client imports its whole package.json, to name its version in the user agent. 6 kB. */
function manifestsWithVersionOnly(): Plugin {
  return {
    name: 'manifests-with-version-only',
    setup(build) {
      build.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, async ({ path }) => {
        const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(path, 'utf8')))
        return { contents: JSON.stringify({ version }), loader: 'json' }
      })
    },
  }
}

/**
 * Who imports one name of a builtin module from an ES module has Node read all its members, getters included. Of
 * `node:fs` and `node:process` these load `fs.promises` and make `process.stdin`; of `node:http` they load Node's
 * whole `fetch`, when the SDK first calls a loopback endpoint. None of that is used: asked for as a CommonJS module
 * would, the same builtin comes without it, and an SDK function loads 6 to 8 % sooner.
 */
function builtinsWithoutGetters(): Plugin {
  const namespace = 'builtins-without-getters'
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^node:(fs|http|https|process)$/ }, ({ path }) => ({
        path,
        namespace,
        sideEffects: false,
      }))
      build.onLoad({ filter: /^/, namespace }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
      }))
    },
  }
}

/** What remains is an import of a file that is not there: switched on by mistake, the local cipher fails to load. */
function withoutTheLocalCipher(): Plugin {
  return {
    name: 'without-the-local-cipher',
    setup(build) {
      build.onResolve({ filter: /\/aes-gcm-cipher\.ts$/ }, ({ path }) => ({ path, external: true }))
    },
  }
}
