// Mutants that no test can kill, each with its argument. A line here that is not needed fails the run.
import type { Exemption } from './judge.ts'

const authorizer = 'services/app2-accounts/authorizer'
const cipher = 'shared/password-cipher'
const http = 'shared/http'

const internalText = 'An error known by its class within this folder; nobody ever sees this text.'
const readmeText = 'A part of a setting’s description, which test/unit/documents.test.ts compares with the README.'
const principalHasNone = 'The compiler asks for it: a principal has no client, which is what would be read.'
const expiryDate = String.raw`/^(\w{3}) (\w{3}) (\d\d) ([\d:]{8}) UTC (\d{4})$/`
const toTheLetter = 'What stands around the date would stay there, and fail the comparison to the letter that follows.'
const narrowing = 'The compiler asks for it: an undefined value has put a problem on the list already.'

export const exemptions: readonly Exemption[] = [
  { file: `${authorizer}/accepted-clients.ts`, original: "'service users'", replacement: '""', reason: readmeText },
  {
    file: `${authorizer}/access-claims.ts`,
    original: "typeof clientId !== 'string'",
    replacement: 'false',
    reason: 'The compiler asks for it: the map has texts for keys, so it finds nothing under any other value.',
  },
  { file: `${authorizer}/config.ts`, original: "'every AWS service'", replacement: '""', reason: readmeText },
  {
    file: `${authorizer}/config.ts`,
    original: "'Cognito, before the general one'",
    replacement: '""',
    reason: readmeText,
  },
  {
    file: `${authorizer}/fetch-jwks.ts`,
    original: "typeof value === 'object'",
    replacement: 'true',
    reason: 'The compiler asks for it: no other value of JSON has a member of the names that are read.',
  },
  {
    file: `${authorizer}/token-verifier.ts`,
    original: "'Issuer not allowed'",
    replacement: '""',
    reason: internalText,
  },
  {
    file: `${authorizer}/key-set.ts`,
    original: '-Infinity',
    replacement: '+Infinity',
    count: 2,
    reason: 'Both stand for a time that never was: one that is still to come counts as long ago too.',
  },
  {
    file: `${authorizer}/token-verifier.ts`,
    original: "'CriticalHeaderError'",
    replacement: '""',
    reason: internalText,
  },
  { file: `${http}/access-source.ts`, original: 'USER_POOL_ID === undefined', replacement: 'false', reason: narrowing },
  {
    file: `${http}/claims-caller.ts`,
    original: expiryDate,
    replacement: expiryDate.replace('^', ''),
    reason: toTheLetter,
  },
  {
    file: `${http}/claims-caller.ts`,
    original: expiryDate,
    replacement: expiryDate.replace('$', ''),
    reason: toTheLetter,
  },
  {
    file: `${http}/require-access.ts`,
    original: "caller.kind === 'principal'",
    replacement: 'false',
    reason: principalHasNone,
  },
  { file: `${http}/require-access.ts`, original: "'principal'", replacement: '""', reason: principalHasNone },
  {
    file: `${cipher}/aes-gcm-cipher.ts`,
    original: '{ authTagLength: tagBytes }',
    replacement: '{}',
    count: 2,
    reason:
      'To seal, 16 bytes are Node’s default. To open, the envelope’s parser has refused every other length before; ' +
      'the option holds should that ever change.',
  },
  {
    file: `${cipher}/aes-gcm-cipher.ts`,
    original: "'utf8'",
    replacement: '""',
    reason: 'UTF-8 is what Node takes for an empty name.',
  },
  { file: `${cipher}/cipher-choice.ts`, original: 'keyArn === undefined', replacement: 'false', reason: narrowing },
  { file: `${cipher}/cipher-choice.ts`, original: 'key === undefined', replacement: 'false', reason: narrowing },
  {
    file: `${cipher}/envelope.ts`,
    original: "''",
    replacement: '"Stryker was here!"',
    count: 2,
    reason:
      'Defaults that the compiler asks for: an absent cipher is refused under any name that is none, and the fields ' +
      'have been counted before they are decoded.',
  },
  {
    file: `${cipher}/sealed-contents.ts`,
    original: "{ throw unreadable('malformed_contents') }",
    replacement: '{}',
    reason: 'What is no JSON would then be undefined, which is refused with the same error one line later.',
  },
  {
    file: `${cipher}/sealed-contents.ts`,
    original: "'utf8'",
    replacement: '""',
    reason: 'UTF-8 is what Node takes for an empty name.',
  },
]
