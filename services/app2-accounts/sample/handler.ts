// sample's composition root. It reads no configuration and holds no AWS client.
import { createLambdaHandler, type LambdaHandler } from '../../../shared/http/lambda-handler.ts'
import { createPowertoolsLogger } from '../../../shared/powertools-logger.ts'
import { createApp } from './app.ts'

const logger = createPowertoolsLogger('app2-sample')

export const handler: LambdaHandler = createLambdaHandler(createApp({ now: Date.now, logger }), logger)
