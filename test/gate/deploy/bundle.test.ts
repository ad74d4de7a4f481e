import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bundleFunctions,
  entryPoints,
  functionNames,
  type Bundle,
  type FunctionName,
} from '#infra/deploy/bundle/bundle.ts'

let folder: string
let bundles: Bundle[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-bundle-'))
  bundles = await bundleFunctions({ outputFolder: folder })
}, 30_000)

afterAll(() => rm(folder, { recursive: true }))

function find(name: FunctionName): Bundle {
  const bundle = bundles.find((each) => each.name === name)
  if (bundle === undefined) throw new Error(`no bundle of ${name}`)
  return bundle
}

function outputOf(name: FunctionName): Bundle['metafile']['outputs'][string] {
  const output = Object.entries(find(name).metafile.outputs).find(([path]) => path.endsWith('.mjs'))?.[1]
  if (output === undefined) throw new Error(`no output of ${name}`)
  return output
}

/** Files of which at least one byte is in the bundle. */
function sourcesOf(name: FunctionName): string[] {
  return Object.entries(outputOf(name).inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
}

function commandsOf(name: FunctionName): string[] {
  return sourcesOf(name).flatMap((path) => /@aws-sdk\/client-.*\/(\w+)Command\.js$/.exec(path)?.[1] ?? [])
}

describe.each(functionNames)('the bundle of %s', (name) => {
  it('is a minified ES module with a source map beside it', async () => {
    const { file, bytes } = find(name)
    const text = await readFile(file, 'utf8')

    expect(file).toBe(join(folder, name, 'handler.mjs'))
    expect(Buffer.byteLength(text)).toBe(bytes)
    expect(text).toMatch(/export\{[\w$]+ as handler\}/)
    expect(text.split('\n').length).toBeLessThan(60)
    expect(JSON.parse(await readFile(`${file}.map`, 'utf8'))).toHaveProperty('mappings')
  })

  it('holds no infrastructure code, no test, and no local cipher', () => {
    const strangers = sourcesOf(name).filter((path) => /^(infra|test)\/|aes-gcm-cipher|\.test\.|vitest/.test(path))

    expect(sourcesOf(name).length).toBeGreaterThan(5)
    expect(strangers).toEqual([])
  })

  it('holds the code of no other function', () => {
    const folderOf = (handler: string): string => /^(services\/.*)\/handler\.ts$/.exec(handler)?.[1] ?? ''
    const own = folderOf(outputOf(name).entryPoint ?? '')
    // App1 is three functions, which share what is in none of their folders.
    const isApp1 = own.startsWith('services/app1-provisioner')
    const shared = isApp1 ? 'services/app1-provisioner' : own
    const ofOthers = Object.values(entryPoints)
      .map(folderOf)
      .filter((other) => other !== own && other.startsWith(`${shared}/`))
    const others = sourcesOf(name).filter(
      (path) =>
        path.startsWith('services/') &&
        (!path.startsWith(`${shared}/`) || ofOthers.some((other) => path.startsWith(`${other}/`))),
    )

    expect(own).toMatch(/^services\//)
    expect(others).toEqual([])
  })

  it('needs nothing at run time but Node, and the local cipher where that is chosen', () => {
    const imports = outputOf(name).imports.map(({ path }) => path)

    const foreign = imports.filter((path) => !path.startsWith('node:') && !builtinModules.includes(path))
    expect(foreign).toEqual(
      ['app1-provisioner', 'jobs', 'job-worker', 'create-user', 'manage-users'].includes(name)
        ? ['./aes-gcm-cipher.ts']
        : [],
    )
  })

  it.each([
    [
      'looks for credentials in the environment alone',
      /credential-provider-(?!env\/|node\/)|token-providers|nested-clients/,
    ],
    ['reads no configuration file, which could name another endpoint', /shared-ini-file-loader\/(parseIni|readFile)/],
    ['holds no code for event streams, which none of its operations has', /\/event-streams\/(?!index\.js$)/],
  ])('%s', (_, sources) => {
    expect(sourcesOf(name).filter((path) => sources.test(path))).toEqual([])
  })

  it('reads no file by promises', () => {
    expect(outputOf(name).imports.map(({ path }) => path)).not.toContain('node:fs/promises')
  })

  it('holds no package’s manifest but for the version', () => {
    const manifests = Object.entries(outputOf(name).inputs).filter(([path]) => path.endsWith('/package.json'))

    expect(manifests.filter(([, { bytesInOutput }]) => bytesInOutput > 60)).toEqual([])
  })

  it('has Node read the getters of no builtin that loads more by them', () => {
    const imports = outputOf(name).imports.map(({ path }) => path)

    expect(imports.filter((path) => /^(node:)?(fs|http|process)$/.test(path))).toEqual([])
  })
})

describe('the size of a bundle', () => {
  // Measured: 400, 358 and 337 kB; 39 of the first are STS's client, whose protocol is XML, 26 of the others Secrets
  // Manager's, for generated passwords, and 26 of the first two what verifies the tokens of humans.
  it.each([
    ['app1-provisioner', 405],
    ['create-user', 365],
    ['manage-users', 345],
  ] as const)('%s is %i kB at most', (name, kilobytes) => {
    expect(find(name).bytes).toBeLessThanOrEqual(kilobytes * 1_000)
  })

  // Measured: 35.6 kB, of which the tokens of roles are 5.
  it('authorizer is 37 kB at most: it is loaded in front of every other function', () => {
    expect(find('authorizer').bytes).toBeLessThanOrEqual(37_000)
  })
})

/** Of generated passwords: nothing that reads a secret. */
const deliveryCommands = [
  ...['CreateSecret', 'DeleteSecret', 'DescribeSecret', 'DescribeUserPoolClient', 'GetResourcePolicy'],
  ...['ListSecretVersionIds', 'PutResourcePolicy', 'PutSecretValue', 'UpdateSecretVersionStage'],
]

describe('what the bundles call', () => {
  it.each(['sample', 'authorizer'] as const)('%s has no AWS SDK', (name) => {
    expect(sourcesOf(name).filter((path) => /@aws-sdk|@smithy/.test(path))).toEqual([])
  })

  it('App1 seals and signs in: it opens nothing, and administers no user', () => {
    expect(commandsOf('app1-provisioner').toSorted()).toEqual([
      ...['Encrypt', 'GetClientToken', 'GetSecretValue', 'GetWebIdentityToken', 'InitiateAuth', 'RevokeToken'],
    ])
  })

  it('create-user opens and makes users: it seals nothing, and reads no secret', () => {
    const own = ['AdminAddUserToGroup', 'AdminCreateUser', 'AdminDeleteUser', 'AdminGetUser', 'AdminSetUserPassword']

    expect(commandsOf('create-user').toSorted()).toEqual([...own, 'Decrypt', ...deliveryCommands].toSorted())
  })

  it('check-users looks at users, and has no way to change one', () => {
    expect(commandsOf('check-users')).toEqual(['AdminGetUser'])
  })

  it('jobs makes data keys and job-worker unwraps them; neither does both, nor administers a user', () => {
    const ofKeysAndUsers = /^Admin|Encrypt|Decrypt|GenerateDataKey/

    // Encrypt: whose token asked for a job.
    expect(
      commandsOf('jobs')
        .filter((command) => ofKeysAndUsers.test(command))
        .toSorted(),
    ).toEqual(['Encrypt', 'GenerateDataKey'])
    expect(
      commandsOf('job-worker')
        .filter((command) => ofKeysAndUsers.test(command))
        .toSorted(),
    ).toEqual([...['Decrypt', 'Encrypt']])
  })

  it('manage-users opens, changes and ends users: it makes none, seals nothing, and reads no secret', () => {
    const own = [
      ...['AdminAddUserToGroup', 'AdminDeleteUser', 'AdminDisableUser', 'AdminEnableUser', 'AdminGetUser'],
      ...['AdminListGroupsForUser', 'AdminRemoveUserFromGroup', 'AdminSetUserPassword', 'AdminUserGlobalSignOut'],
      ...['Decrypt', 'ListUsers'],
    ]

    expect(commandsOf('manage-users').toSorted()).toEqual([...own, ...deliveryCommands].toSorted())
  })

  it('the rotation has no KMS client and no web framework', () => {
    expect(sourcesOf('machine-credential-rotation').filter((path) => /client-kms|\/hono\//.test(path))).toEqual([])
  })

  it('the authorizer is aws-jwt-verify and our own code', () => {
    const packages = sourcesOf('authorizer').flatMap((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? [])

    expect(new Set(packages)).toEqual(new Set(['aws-jwt-verify']))
  })

  it('the authorizer fetches by Node’s fetch alone: the library’s own client is left out', () => {
    expect(outputOf('authorizer').imports.map(({ path }) => path)).toEqual(['crypto'])
  })
})

describe('bundleFunctions', () => {
  it('bundles those that are named', async () => {
    const named = await bundleFunctions({ outputFolder: join(folder, 'one'), names: ['sample'] })

    expect(named.map(({ name }) => name)).toEqual(['sample'])
  })

  it('gives the same bytes for the same sources, so that nothing changes without a change', async () => {
    const [again] = await bundleFunctions({ outputFolder: join(folder, 'again'), names: ['authorizer'] })

    expect(await readFile(again?.file ?? '', 'utf8')).toBe(await readFile(find('authorizer').file, 'utf8'))
  })
})
