import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../../..')

/** Everything that is imported statically or by `import()`, as paths from the root, or package names. */
function importsOf(file: string, text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    if (fileName.startsWith('.')) return relative(root, resolve(root, dirname(file), fileName))
    // The package's own `imports`: #shared/… is shared/….
    return fileName.replace(/^#/, '')
  })
}

type Rule = {
  readonly name: string
  readonly from: RegExp
  readonly forbidden: RegExp
  readonly except?: RegExp
  /** Whether what the imported files import counts as well. */
  readonly transitive?: boolean
}

const rules: readonly Rule[] = [
  { name: 'shared/ stands on nothing of ours', from: /^shared\//, forbidden: /^(services|infra|test)\// },
  { name: 'services stand on shared/ alone', from: /^services\//, forbidden: /^(infra|test)\// },
  {
    name: 'App1 knows App2 by HTTP only',
    from: /^services\/app1-provisioner\//,
    forbidden: /^services\/(?!app1-provisioner\/)/,
  },
  {
    name: 'the rotation shares no code with another function but shared/, and has no password cipher',
    from: /^services\/credential-rotation\//,
    forbidden: /^services\/(?!credential-rotation\/)|^shared\/(password-cipher|http)\//,
  },
  ...['create-user', 'check-users', 'manage-users', 'sample', 'authorizer'].map((name) => ({
    name: `App2's ${name} shares no code with another function but shared/`,
    from: new RegExp(`^services/app2-accounts/${name}/`),
    forbidden: new RegExp(`^services/(?!app2-accounts/${name}/)`),
  })),
  {
    name: 'the emulators know neither services nor what is shared among them',
    from: /^infra\/emulators\/(aws|gateway)\//,
    forbidden: /^(services|shared|infra\/(?!emulators\/)|test)\//,
  },
  {
    name: 'only a composition root knows adapters, apps and configuration at once, so nobody imports one',
    from: /^(shared|services)\//,
    forbidden: /\/handler\.ts$/,
  },
  {
    name: 'use cases know no SDK and no HTTP framework',
    from: /\/(provision-user|create-user|check-users|manage-users|accept-job|show-job|work-row|sweep|job-store)\.ts$/,
    forbidden: /^(@aws-sdk\/|hono)/,
  },
  {
    name: 'the authorizer loads aws-jwt-verify and our own code alone',
    from: /^services\/app2-accounts\/authorizer\//,
    forbidden: /^(?!services\/|shared\/|node:|aws-jwt-verify)|^shared\/(http|password-cipher|powertools)/,
    transitive: true,
  },
  {
    name: 'sample has no AWS SDK',
    from: /^services\/app2-accounts\/sample\//,
    forbidden: /^@aws-sdk\//,
    transitive: true,
  },
  {
    name: 'the local cipher is reached by one route',
    from: /^(shared|services)\//,
    forbidden: /aes-gcm-cipher\.ts$/,
    except: /^shared\/password-cipher\/select-cipher\.ts$/,
  },
]

const sources = ['shared', 'services', 'infra'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name)),
)

type Source = { readonly file: string; readonly imports: readonly string[] }

function violations(rule: Rule, files: readonly Source[]): string[] {
  return files
    .filter(({ file }) => rule.from.test(file) && !(rule.except?.test(file) ?? false))
    .flatMap(({ file, imports }) =>
      [...(rule.transitive ? reachable(imports, files) : imports)]
        .filter((target) => rule.forbidden.test(target))
        .map((target) => `${file} → ${target}`),
    )
}

function reachable(imports: readonly string[], files: readonly Source[], seen = new Set<string>()): Set<string> {
  for (const target of imports.filter((candidate) => !seen.has(candidate))) {
    seen.add(target)
    reachable(files.find(({ file }) => file === target)?.imports ?? [], files, seen)
  }
  return seen
}

const files = sources.map((file) => ({ file, imports: importsOf(file, readFileSync(join(root, file), 'utf8')) }))

describe('the arrows between folders', () => {
  it.each(rules)('$name', (rule) => {
    expect(files.some(({ file }) => rule.from.test(file))).toBe(true)
    expect(violations(rule, files)).toEqual([])
  })

  it('a forbidden import is found, static or dynamic', () => {
    const file = 'services/app1-provisioner/x.ts'
    const text =
      "import { a } from '../app2-accounts/sample/app.ts'\nconst b = await import('../../infra/local/pair.ts')\n"
    const found = rules.flatMap((rule) => violations(rule, [{ file, imports: importsOf(file, text) }]))

    expect(found).toEqual([
      'services/app1-provisioner/x.ts → infra/local/pair.ts',
      'services/app1-provisioner/x.ts → services/app2-accounts/sample/app.ts',
    ])
  })

  it('a forbidden import is found behind another one', () => {
    const sample = { file: 'services/app2-accounts/sample/x.ts', imports: ['shared/a.ts'] }
    const between = { file: 'shared/a.ts', imports: ['shared/b.ts', 'shared/a.ts'] }
    const adapter = { file: 'shared/b.ts', imports: ['@aws-sdk/client-kms'] }

    expect(rules.flatMap((rule) => violations(rule, [sample, between, adapter]))).toEqual([
      'services/app2-accounts/sample/x.ts → @aws-sdk/client-kms',
    ])
  })

  it('no file of production code reads the environment but config.ts, handler.ts and the local cipher’s own guard', () => {
    const readers = sources.filter(
      (file) =>
        !file.startsWith('infra/') &&
        /process\s*\.\s*env|from 'node:process'/.test(readFileSync(join(root, file), 'utf8')),
    )

    expect(readers.filter((file) => !/\/(config|handler)\.ts$/.test(file))).toEqual([
      // It refuses to run in Lambda, and takes nobody's word for where it is.
      'shared/password-cipher/aes-gcm-cipher.ts',
    ])
  })
})
