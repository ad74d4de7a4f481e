// App2's story of one new user: open the password, create, grant, and only then let it sign in.
import { checkPassword, type CreatedUser, type CreateUserRequest } from '../../../shared/contract.ts'
import type { Deadline } from '../../../shared/deadline.ts'
import { ServiceError } from '../../../shared/errors.ts'
import type { Group } from '../../../shared/access-rules.ts'
import type { Logger } from '../../../shared/logger.ts'
import type { PasswordOpener } from '../../../shared/password-cipher/cipher.ts'
import type { SecretValue } from '../../../shared/secret-value.ts'
import type { UserDirectory } from './user-directory.ts'

export type CreateUserDeps = { readonly opener: PasswordOpener; readonly directory: UserDirectory }

export type CreateUserContext = { readonly deadline: Deadline; readonly logger: Logger }

/** The one group that new users are put into. */
const group: Group = 'service-user'

/**
 * The user as the directory holds it: in its group, with its permanent password. The password comes last: until that
 * write nobody can sign in, so nobody ever signs in without the group. Throws ServiceError; `outcome` is `none` for
 * every failure before the first write.
 */
export async function createUser(
  request: CreateUserRequest,
  deps: CreateUserDeps,
  { deadline, logger }: CreateUserContext,
): Promise<CreatedUser> {
  const { username, human_user_id: humanUserId, provisioning_id: provisioningId } = request
  const password = await openPassword(request, deps, deadline)

  const created = await deps.directory.create({ username, humanUserId, provisioningId }, { signal: deadline.signal() })
  if (created.kind === 'name_taken') throw new ServiceError('user_exists')

  await deps.directory.addToGroup(created.sub, group, { signal: deadline.signal() })
  await deps.directory.setPermanentPassword(created.sub, password, { signal: deadline.signal() })

  logger.info('service user created', { sub: created.sub, outcome: 'created' })
  return {
    message: 'Service user created',
    username,
    group,
    created_by: humanUserId,
    created_at: created.createdAt.toISOString(),
    provisioning_id: provisioningId,
  }
}

async function openPassword(
  request: CreateUserRequest,
  deps: CreateUserDeps,
  deadline: Deadline,
): Promise<SecretValue> {
  const boundTo = { username: request.username, provisioningId: request.provisioning_id }
  try {
    const password = await deps.opener.open(request.encrypted_password, boundTo, { signal: deadline.signal() })
    checkPassword(password.expose())
    return password
  } catch (error) {
    throw error instanceof ServiceError ? error.withOutcome('none') : error
  }
}
