// sample's composition root. It holds no AWS client.
import { createCallerReader } from '#shared/http/access-source.ts'
import { createLambdaHandler, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

const { access } = readConfig(process.env)
const logger = createPowertoolsLogger('app2-sample')
const now = Date.now

export const handler: LambdaHandler = createLambdaHandler(
  createApp({ now, logger, readCaller: createCallerReader(access, { now }) }),
  logger,
)

await warmUp(handler)
