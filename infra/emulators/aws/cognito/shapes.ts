// The members that Cognito's operations share, with the constraints of the service model (2016-04-18).
import * as z from 'zod/mini'
import { integer, text } from '../input.ts'
import { operationsRefusing } from '../operation.ts'

export const cognitoOperation = operationsRefusing('InvalidParameterException')

const printable = '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+'

export const userPoolId = text({ min: 1, max: 55, pattern: '[\\w-]+_[0-9a-zA-Z]+' })
export const clientId = text({ min: 1, max: 128, pattern: '[\\w+]+' })
export const clientSecret = text({ min: 24, max: 64, pattern: '[\\w+]+' })
export const scope = text({ min: 1, max: 256, pattern: '[\\x21\\x23-\\x5B\\x5D-\\x7E]+' })
export const redirectUrl = text({ min: 1, max: 1024, pattern: printable })
export const resourceName = text({ min: 1, max: 128, pattern: '[\\w\\s+=,.@-]+' })
export const username = text({ min: 1, max: 128, pattern: printable })
export const groupName = text({ min: 1, max: 128, pattern: printable })
/** The service model says `[\S]+`; the service itself takes white space inside, and words it so. */
export const password = text({ max: 256 }).check(
  z.refine<string>((value) => /^\S.*\S$/.test(value), {
    error: 'Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$',
  }),
)
export const token = text({ pattern: '[A-Za-z0-9-_=.]+' })
export const session = text({ min: 20, max: 2048 })
export const paginationToken = z.optional(text({ min: 1, pattern: '[\\S]+' }))
export const limit = z.optional(integer({ min: 0, max: 60 }))
export const schemaAttributeName = text({ min: 1, max: 20, pattern: printable })

export const attributes = z.array(
  z.object({
    Name: text({ min: 1, max: 32, pattern: '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r ]+' }),
    Value: z.optional(text({ max: 2048 })),
  }),
)

export type AttributeInput = z.infer<typeof attributes>[number]
