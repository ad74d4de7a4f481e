// Builders of valid requests; a test changes the one thing that it is about.
import type { CreatedUser, CreateUserRequest } from '#shared/contract.ts'

export const goodPassword = 'Correct-Horse-7-Battery'

/** Well formed; stands for no request in particular. */
export const provisioningId = `v1.${'A'.repeat(22)}.${'B'.repeat(21)}A`

export const serviceUserRequest = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  username: 'orders-worker',
  password: goodPassword,
  human_user_id: 'alice@example.com',
  ...changes,
})

export const createUserRequestBody = (changes: Partial<CreateUserRequest> = {}): CreateUserRequest => ({
  username: 'orders-worker',
  encrypted_password: 'sealed',
  human_user_id: 'alice@example.com',
  provisioning_id: provisioningId,
  requested_by: 'arn:aws:iam::123456789012:role/orders',
  ...changes,
})

export const createdUserBody = (changes: Partial<CreatedUser> = {}): CreatedUser => ({
  message: 'Service user created',
  username: 'orders-worker',
  group: 'service-user',
  created_by: 'alice@example.com',
  created_at: '2026-01-01T00:00:00.000Z',
  provisioning_id: provisioningId,
  ...changes,
})
