// The functions whose cold loads are compared: ours as they are deployed, the baselines as they are installed.
import { pathToFileURL } from 'node:url'
import { bundleFunctions, type FunctionName } from '../../../infra/deploy/bundle/bundle.ts'
import { listenOnLoopback } from '../../../infra/emulators/gateway/loopback-server.ts'
import { httpEvent, restEvent } from '../../support/events.ts'
import { createSigner, jwksOf, serviceUserClaims, testPool } from '../../support/tokens.ts'
import type { ColdFunction } from './cold-load-sample.ts'

export type ColdFunctions = {
  /** The deployed bundles. */
  readonly ours: Readonly<Record<FunctionName, ColdFunction>>
  readonly baselines: Readonly<Record<'empty' | 'authorizer' | 'app1' | 'app2', ColdFunction>>
  close(): Promise<void>
}

const region = 'eu-west-1'
const secretArn = `arn:aws:secretsmanager:${region}:123456789012:secret:machine-AbCdEf`

/** What every function with an SDK client finds in Lambda. No sample calls AWS. */
const aws = { AWS_REGION: region, AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', HOME: '/nonexistent' }
const pool = { USER_POOL_ID: testPool.userPoolId, MACHINE_CLIENT_ID: testPool.machineClientId }
const kms = { KMS_KEY_ARN: `arn:aws:kms:${region}:123456789012:key/11111111-2222-4333-8444-555555555555` }
const app2Url = { APP2_URL: `https://abcdefghij.execute-api.${region}.amazonaws.com/prod` }

/** Bundles into `folder`. The pool's JWKS is served on the loopback address until `close`. */
export async function prepareColdFunctions(folder: string): Promise<ColdFunctions> {
  const bundles = await bundleFunctions({ outputFolder: folder })
  const signer = createSigner()
  const jwks = await listenOnLoopback({
    port: 0,
    answer: () =>
      Promise.resolve({
        status: 200,
        headers: [['content-type', 'application/json']],
        body: JSON.stringify(jwksOf(signer)),
      }),
  })

  const bundle = (name: FunctionName): URL => pathToFileURL(bundles.find((each) => each.name === name)?.file ?? '')
  const baseline = (name: string): URL => new URL(`./baseline/${name}.mjs`, import.meta.url)
  const restHealth = { event: restEvent({ method: 'GET', resource: '/health' }), accepts: hasStatus200 }
  const httpHealth = { event: httpEvent({ routeKey: 'GET /health' }), accepts: hasStatus200 }
  const token = {
    event: {
      type: 'TOKEN',
      authorizationToken: `Bearer ${signer.accessToken({ claims: serviceUserClaims })}`,
      methodArn: `arn:aws:execute-api:${region}:123456789012:abcdefghij/prod/POST/sample`,
    },
    accepts: isAllowed,
  }
  return {
    ours: {
      'app1-provisioner': {
        module: bundle('app1-provisioner'),
        environment: {
          ...aws,
          ...pool,
          ...kms,
          ...app2Url,
          MACHINE_SECRET_ARN: secretArn,
          ALLOWED_CALLERS: 'arn:aws:iam::123456789012:role/caller',
        },
        ...httpHealth,
      },
      'create-user': { module: bundle('create-user'), environment: { ...aws, ...pool, ...kms }, ...restHealth },
      sample: { module: bundle('sample'), environment: aws, ...restHealth },
      authorizer: {
        module: bundle('authorizer'),
        environment: {
          ...pool,
          SERVICE_CLIENT_ID: testPool.serviceClientId,
          AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: jwks.url,
        },
        ...token,
      },
      'machine-credential-rotation': {
        module: bundle('machine-credential-rotation'),
        environment: { ...aws, ...pool, MACHINE_SECRET_ARN: secretArn },
      },
    },
    baselines: {
      empty: { module: baseline('empty'), environment: {}, event: {}, accepts: hasStatus200 },
      authorizer: {
        module: baseline('authorizer'),
        environment: { ISSUER: testPool.issuer, JWKS_URI: `${jwks.url}/jwks.json` },
        ...token,
      },
      app1: { module: baseline('app1'), environment: { ...aws, ...app2Url }, ...httpHealth },
      app2: { module: baseline('app2'), environment: { ...aws, ...pool }, ...restHealth },
    },
    close: () => jwks.close(),
  }
}

function hasStatus200(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'statusCode' in answer && answer.statusCode === 200
}

function isAllowed(answer: unknown): boolean {
  return JSON.stringify(answer).includes('"Effect":"Allow"')
}
