// Mutants that no test can kill, each with its argument. A line here that is not needed fails the run.
import type { Exemption } from './judge.ts'

const authorizer = 'services/app2-accounts/authorizer'
const jwt = 'shared/jwt'
const cipher = 'shared/password-cipher'
const http = 'shared/http'

const internalText = 'An error known by its class within this folder; nobody ever sees this text.'
const readmeText = 'A part of a setting’s description, which test/unit/documents.test.ts compares with the README.'
const principalHasNone = 'The compiler asks for it: a principal has no client, which is what would be read.'
const expiryDate = String.raw`/^(\w{3}) (\w{3}) (\d\d) ([\d:]{8}) UTC (\d{4})$/`
const toTheLetter = 'What stands around the date would stay there, and fail the comparison to the letter that follows.'
const utf8Name = 'UTF-8 is what Node takes for an empty name.'
const narrowing = 'The compiler asks for it: an undefined value has put a problem on the list already.'

const noRole = 'A text among the roles has no ARN, so it is nobody’s.'
const neitherIsJson = 'Decoded, either is no JSON, and so no claims.'
const oneOfTwo = 'The compiler asks for it: by the contract a request has the one where it has not the other.'

const noKey = 'The compiler asks for it: the map has texts for keys, so it finds nothing under any other value.'
const neverWas = 'Both stand for a time that never was: one that is still to come counts as long ago too.'
const noJson = 'What is no JSON would then be undefined, which is refused with the same error one line later.'
const tagLength =
  'To seal, 16 bytes are Node’s default. To open, the envelope’s parser has refused every other length before; ' +
  'the option holds should that ever change.'
const parserDefaults =
  'Defaults that the compiler asks for: an absent cipher is refused under any name that is none, and the fields ' +
  'have been counted before they are decoded.'

const noEntry =
  'Defaults that the compiler asks for: an entry of another form has no issuer and no audience, and neither has this text.'
const noName = 'The compiler asks for it, twice: either look keeps an absent name out of the set by itself.'
const namesDiffer = 'No two names of a context are alike.'

const exempt = (file: string, original: string, replacement: string, reason: string, count = 1): Exemption => ({
  ...{ file, original, replacement, reason, count },
})

export const exemptions: readonly Exemption[] = [
  exempt(`${authorizer}/accepted-clients.ts`, "'service users'", '""', readmeText),
  exempt(`${authorizer}/access-claims.ts`, "typeof clientId !== 'string'", 'false', noKey),
  exempt(`${authorizer}/authorize.ts`, "kind === 'principal'", 'false', principalHasNone),
  exempt(`${authorizer}/authorize.ts`, "'principal'", '""', principalHasNone),
  exempt('services/app2-accounts/manage-users/manage-users.ts', "''", '"Stryker was here!"', oneOfTwo),
  exempt('shared/aws/pool-keys.ts', "'every AWS service'", '""', readmeText),
  exempt('shared/aws/pool-keys.ts', "'AWS STS, before the general one'", '""', readmeText),
  exempt('shared/aws/pool-keys.ts', "'Cognito, before the general one'", '""', readmeText),
  exempt('services/app1-provisioner/jobs/check-rows.ts', 'username !== undefined', 'true', noName, 2),
  exempt('shared/human/human-issuers.ts', 'identity === undefined', 'false', narrowing),
  exempt('shared/human/human-issuers.ts', "''", '"Stryker was here!"', noEntry, 3),
  exempt('shared/human/job-evidence.ts', "'utf8'", '""', utf8Name),
  exempt(`${cipher}/aes-gcm-cipher.ts`, 'one < other', 'one <= other', namesDiffer),
  exempt(`${jwt}/jwt-verifier.ts`, "'Issuer not allowed'", '""', internalText),
  exempt(`${jwt}/unverified-payload.ts`, "''", '"Stryker was here!"', neitherIsJson),
  exempt(`${jwt}/key-set.ts`, '-Infinity', '+Infinity', neverWas, 2),
  exempt(`${jwt}/jwt-verifier.ts`, "'CriticalHeaderError'", '""', internalText),
  exempt(`${http}/access-source.ts`, 'USER_POOL_ID === undefined', 'false', narrowing),
  exempt(`${http}/access-source.ts`, '[]', '["Stryker was here"]', noRole),
  exempt(`${http}/claims-caller.ts`, expiryDate, expiryDate.replace('^', ''), toTheLetter),
  exempt(`${http}/claims-caller.ts`, expiryDate, expiryDate.replace('$', ''), toTheLetter),
  exempt(`${http}/require-access.ts`, "caller.kind === 'principal'", 'false', principalHasNone),
  exempt(`${http}/require-access.ts`, "'principal'", '""', principalHasNone),
  exempt(`${cipher}/aes-gcm-cipher.ts`, '{ authTagLength: tagBytes }', '{}', tagLength, 2),
  exempt('shared/text/length-prefixed.ts', "'utf8'", '""', utf8Name),
  exempt(`${cipher}/cipher-choice.ts`, 'keyArn === undefined', 'false', narrowing),
  exempt(`${cipher}/cipher-choice.ts`, 'key === undefined', 'false', narrowing),
  exempt(`${cipher}/envelope.ts`, "''", '"Stryker was here!"', parserDefaults, 2),
  exempt(`${cipher}/sealed-contents.ts`, "{ throw unreadable('malformed_contents') }", '{}', noJson),
  exempt(`${cipher}/sealed-contents.ts`, "'utf8'", '""', utf8Name),
]
