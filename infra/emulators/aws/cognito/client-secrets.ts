// The secrets of an app client, two at most, so that one can be changed without a gap; a secret is shown once, when made.
import { timingSafeEqual } from 'node:crypto'
import * as z from 'zod/mini'
import { lowerAlphanumerics, randomText } from '../../random-text.ts'
import { AwsError } from '../aws-error.ts'
import { text } from '../input.ts'
import type { Operation, OperationTable } from '../operation.ts'
import { invalid, notImplemented } from './errors.ts'
import * as shapes from './shapes.ts'
import { findClientOfPool, timestamp, type AppClient, type ClientSecret, type CognitoState } from './state.ts'

const mostSecrets = 2

const oneClient = z.object({ UserPoolId: shapes.userPoolId, ClientId: shapes.clientId })

/**
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html and its
 * two siblings.
 */
export function clientSecretOperations(state: CognitoState): OperationTable {
  return {
    AddUserPoolClientSecret: withOwnErrorName(
      shapes.cognitoOperation(
        z.extend(oneClient, { ClientSecret: z.optional(shapes.clientSecret) }),
        ({ UserPoolId, ClientId, ClientSecret }) => {
          const client = findClientOfPool(state, UserPoolId, ClientId)
          if (client.secrets.length === 0) throw invalid('The app client is not configured with a secret.')
          if (client.secrets.length >= mostSecrets) {
            throw new AwsError('LimitExceededException', `An app client has at most ${mostSecrets} active secrets.`)
          }
          if (ClientSecret !== undefined) throw notImplemented('ClientSecret')
          const secret = makeClientSecret(ClientId, after(client, state.now()))
          client.secrets.push(secret)
          return { ClientSecretDescriptor: { ...describe(secret), ClientSecretValue: secret.value } }
        },
      ),
    ),

    ListUserPoolClientSecrets: withOwnErrorName(
      shapes.cognitoOperation(
        z.extend(oneClient, { NextToken: shapes.paginationToken }),
        ({ UserPoolId, ClientId }) => {
          const client = findClientOfPool(state, UserPoolId, ClientId)
          return { ClientSecrets: client.secrets.map((secret) => describe(secret)) }
        },
      ),
    ),

    DeleteUserPoolClientSecret: withOwnErrorName(
      shapes.cognitoOperation(
        z.extend(oneClient, { ClientSecretId: text({ min: 1, max: 128 }) }),
        ({ UserPoolId, ClientId, ClientSecretId }) => {
          const { secrets } = findClientOfPool(state, UserPoolId, ClientId)
          const index = secrets.findIndex(({ id }) => id === ClientSecretId)
          if (index === -1) throw new AwsError('ResourceNotFoundException', 'The client secret does not exist.')
          if (secrets.length === 1) throw invalid('The last secret of an app client cannot be deleted.')
          secrets.splice(index, 1)
          return {}
        },
      ),
    ),
  }
}

/** A random secret. `now` goes into its id, so it has to differ from the other secret's. */
export function makeClientSecret(clientId: string, now: number): ClientSecret {
  const value = randomText({ length: 52, alphabet: lowerAlphanumerics })
  return { id: `${clientId}--${now}`, value, createdAt: now }
}

/** Whether `given` is one of the client's active secrets or, for a public client, is not there at all. */
export function provesClient(client: AppClient, given: string | undefined): boolean {
  if (client.secrets.length === 0 || given === undefined) return client.secrets.length === 0 && given === undefined
  const received = Buffer.from(given)
  return client.secrets.some(({ value }) => {
    const expected = Buffer.from(value)
    return expected.length === received.length && timingSafeEqual(expected, received)
  })
}

/** Now, or the next millisecond that no secret of the client was made in. */
function after({ secrets }: AppClient, now: number): number {
  return secrets.some(({ createdAt }) => createdAt === now) ? now + 1 : now
}

function describe({ id, createdAt }: ClientSecret): object {
  return { ClientSecretId: id, ClientSecretCreateDate: timestamp(createdAt) }
}

/** The service model has InternalServerException for these three, where it has InternalErrorException for all others. */
function withOwnErrorName(operation: Operation): Operation {
  return { ...operation, errorNames: { internal: 'InternalServerException' } }
}
