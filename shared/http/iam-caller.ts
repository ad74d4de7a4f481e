// Reads the caller from the IAM principal whose signature API Gateway verified; it knows one role, and no user or root.
import * as z from 'zod/mini'
import { isSessionOf, parseAssumedRole, type RoleArn } from '../aws/role-arn.ts'
import type { CallerReader } from './caller.ts'

/** What a REST API's `AWS_IAM` authorization says. For any other authorization `userArn` is null. */
const iamContext = z.object({ identity: z.object({ userArn: z.string() }) })

/** A reader that takes every session of `provisioner`, whatever its name, for App1, and nobody else for anybody. */
export function createIamReader(provisioner: RoleArn): CallerReader {
  return (requestContext) => {
    const parsed = z.safeParse(iamContext, requestContext)
    const session = parsed.success ? parseAssumedRole(parsed.data.identity.userArn) : undefined
    if (session === undefined || !isSessionOf(provisioner, session)) return undefined
    return { kind: 'principal', principal: 'provisioner', sub: provisioner.arn }
  }
}
