// How long the authorizer's decision takes, beside the peers that verify the same tokens, for new and for known tokens.
import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { createVerifier } from 'fast-jwt'
import { createLocalJWKSet, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { verify as verifySignature } from 'node:crypto'
import {
  createTokenAuthorizer,
  type InvocationContext,
  type TokenAuthorizerEvent,
} from '../../../services/app2-accounts/authorizer/authorize.ts'
import { createTokenVerifier } from '../../../services/app2-accounts/authorizer/token-verifier.ts'
import { createJsonLogger } from '../../../shared/logger.ts'
import { createSigner, jwksOf, testPool, testRules } from '../../support/tokens.ts'
import { heldHeapBytes } from './load/held-heap.ts'
import { measure, median, medianRatio, type Contestant, type Timings } from './measure.ts'
import { printTable, writeResult } from './report.ts'

const methodArn = 'arn:aws:execute-api:eu-west-1:123456789012:abcdefghij/prod/POST/admin/create-user'

const signer = createSigner()
const jwks = jwksOf(signer)
const pem = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const quietLogger = createJsonLogger({ service: 'bench', now: Date.now, write: () => undefined })

/** More than any cache here holds, so that going through them in turn meets each as new. */
const distinctTokens = 3_000

const rounds = 15

function makeTokens(count: number, claims: Readonly<Record<string, unknown>> = {}): string[] {
  return Array.from({ length: count }, (_, index) =>
    signer.accessToken({ claims: { ...claims, jti: `token-${index}` } }),
  )
}

/** A string that nobody has hashed yet, as each event brings one. */
const fresh = (text: string): string => JSON.parse(JSON.stringify(text)) as string

/** `operations` freshly parsed values, handed out one after another. */
function supply<T>(operations: number, make: (index: number) => T): () => T {
  const items = Array.from({ length: operations }, (_, index) => make(index))
  let next = 0
  return () => items[next++ % items.length] as T
}

/** As Lambda's context brings one: another string for each request. */
const contextFor = (index: number): InvocationContext => ({
  awsRequestId: fresh(`8f3c5c0a-1111-4222-8333-${String(index).padStart(12, '0')}`),
})

const eventFor = (token: string): TokenAuthorizerEvent =>
  JSON.parse(
    JSON.stringify({ type: 'TOKEN', authorizationToken: `Bearer ${token}`, methodArn }),
  ) as TokenAuthorizerEvent

function createOurs(): ReturnType<typeof createTokenAuthorizer> {
  const fetchJwks = () => Promise.resolve(jwks)
  const { issuer } = testPool
  const verifier = createTokenVerifier({ issuer, rules: testRules, fetchJwks, now: Date.now, logger: quietLogger })
  return createTokenAuthorizer({ verifier, logger: quietLogger })
}

function createLibrary(): { verifySync: (token: string) => unknown } {
  const { userPoolId, machineClientId, serviceClientId } = testPool
  const library = CognitoJwtVerifier.create({
    userPoolId,
    tokenUse: 'access',
    clientId: [machineClientId, serviceClientId],
  })
  library.cacheJwks(jwks)
  return library
}

function contestants(tokenAt: (index: number) => string): Contestant[] {
  const ours = createOurs()
  const library = createLibrary()
  const keySet = createLocalJWKSet(jwks)
  const plainFast = createVerifier({ key: pem, algorithms: ['RS256'], cache: false })
  const cachedFast = createVerifier({ key: pem, algorithms: ['RS256'], cache: 1_000 })
  const onToken =
    (verify: (token: string) => unknown): Contestant['prepare'] =>
    (operations) => {
      const next = supply(operations, (index) => fresh(tokenAt(index)))
      return () => verify(next())
    }
  return [
    {
      name: floorName,
      prepare: (operations) => {
        const next = supply(operations, (index) => {
          const [header, payload, signature = ''] = tokenAt(index).split('.')
          return { data: Buffer.from(`${header}.${payload}`), signature: Buffer.from(signature, 'base64url') }
        })
        return () => {
          const { data, signature } = next()
          return verifySignature('RSA-SHA256', data, signer.publicKey, signature)
        }
      },
    },
    {
      name: oursName,
      prepare: (operations) => {
        const next = supply(operations, (index) => ({ event: eventFor(tokenAt(index)), context: contextFor(index) }))
        return () => {
          const { event, context } = next()
          return ours(event, context)
        }
      },
    },
    { name: libraryName, prepare: onToken((token) => library.verifySync(token)) },
    { name: 'jose', prepare: onToken((token) => jwtVerify(token, keySet, { issuer: testPool.issuer })) },
    { name: 'fast-jwt', prepare: onToken((token) => plainFast(token)) },
    { name: cachedPeerName, prepare: onToken((token) => cachedFast(token)) },
    {
      name: 'jsonwebtoken, key as KeyObject',
      prepare: onToken((token) => jsonwebtoken.verify(token, signer.publicKey, { algorithms: ['RS256'] })),
    },
    {
      name: 'jsonwebtoken, key as PEM',
      prepare: onToken((token) => jsonwebtoken.verify(token, pem, { algorithms: ['RS256'] })),
    },
  ]
}

const floorName = 'crypto.verify alone (the floor)'
const oursName = 'Latchkey: event to policy, log line included'
const libraryName = 'aws-jwt-verify, verifySync'
const cachedPeerName = 'fast-jwt with its cache'

type Measured = ReadonlyMap<string, Timings>

function ratio(measured: Measured, over: string, under: string): number {
  return medianRatio(measured.get(over) ?? [], measured.get(under) ?? [])
}

function show(title: string, measured: Measured): void {
  printTable(
    title,
    ['', 'µs', '× floor', '× verifySync'],
    [...measured].map(([name, timings]) => [
      name,
      median(timings).toFixed(2),
      ratio(measured, name, floorName).toFixed(3),
      ratio(measured, name, libraryName).toFixed(3),
    ]),
  )
}

/** With it a token has nearly the 10,240 characters that are taken at the most. */
const longestPadding = 6_866

type Held = { readonly tokenCharacters: number; readonly bytes: number }

/** By how much an authorizer grows over three times as many tokens as it remembers, each in an event of its own. */
async function measureMemory(padding: string): Promise<Held> {
  const tokens = makeTokens(distinctTokens, { padding })
  const [first = ''] = tokens
  const ours = createOurs()
  await ours(eventFor(first))
  // V8 gives up code that nobody ran only after several collections.
  for (let collections = 0; collections < 10; collections += 1) heldHeapBytes()
  const before = heldHeapBytes()
  for (const token of tokens) await ours(eventFor(token))
  const bytes = heldHeapBytes() - before
  // It has to be in use still, or it would be collected as well.
  await ours(eventFor(first))
  return { tokenCharacters: first.length, bytes }
}

function showMemory(held: readonly Held[]): void {
  printTable(
    `What an authorizer's memory grows by over ${distinctTokens} tokens, of which it remembers the last 1000`,
    ['characters in a token', 'MB'],
    held.map(({ tokenCharacters, bytes }) => [tokenCharacters, (bytes / 1e6).toFixed(1)]),
  )
}

export async function benchDecision(): Promise<void> {
  // First, as long as nobody else has left anything behind.
  const held = [await measureMemory(''), await measureMemory('x'.repeat(longestPadding))]
  const tokens = makeTokens(distinctTokens)
  const tokenAt = (index: number): string => tokens[index % tokens.length] ?? ''
  const firstSeen = await measure(contestants(tokenAt), { rounds, operations: distinctTokens })
  show('A token that was not seen before', firstSeen)
  const repeated = await measure(
    contestants(() => tokenAt(0)),
    { rounds, operations: distinctTokens },
  )
  show('The same token again, each time in a freshly parsed event', repeated)
  showMemory(held)
  const ratios = {
    firstSeenOverVerifySync: ratio(firstSeen, oursName, libraryName),
    repeatedOverFloor: ratio(repeated, oursName, floorName),
    repeatedOverFastJwtCache: ratio(repeated, oursName, cachedPeerName),
  }
  console.log('\n  Each × is the median of the rounds’ own ratios, not the ratio of the medians.')
  console.log(
    `  new token: ${ratios.firstSeenOverVerifySync.toFixed(2)} × verifySync (goal 1.10); known token: ` +
      `${ratios.repeatedOverFloor.toFixed(3)} × floor, ${ratios.repeatedOverFastJwtCache.toFixed(2)} × fast-jwt's cache`,
  )
  writeResult('decision', {
    unit: 'microseconds',
    firstSeen: Object.fromEntries(firstSeen),
    repeated: Object.fromEntries(repeated),
    held,
    ratios,
  })
}
