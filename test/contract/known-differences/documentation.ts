// The page of AWS's documentation that decides each statement in which an implementation differs.

const cognitoApi = 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference'
const cognitoGuide = 'https://docs.aws.amazon.com/cognito/latest/developerguide'
const kmsApi = 'https://docs.aws.amazon.com/kms/latest/APIReference'
const secretsApi = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference'

/** By the statement's text, exactly. */
export const documentation = {
  'AdminCreateUser of a name that exists in another case is UsernameExistsException': `${cognitoApi}/API_UsernameConfigurationType.html`,
  'AdminGetUser finds a name in another case': `${cognitoApi}/API_UsernameConfigurationType.html`,
  'a sign-in takes the name in another case, with the SECRET_HASH of what is sent': `${cognitoApi}/API_UsernameConfigurationType.html`,
  'AdminCreateUser of a name with a space is InvalidParameterException': `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-Username`,
  'AdminCreateUser of a name of 129 characters is InvalidParameterException': `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-Username`,
  'AdminCreateUser with a temporary password outside the policy is InvalidPasswordException': `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-TemporaryPassword`,
  'AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException': `${cognitoGuide}/user-pool-settings-attributes.html`,
  'AdminCreateUser with an attribute longer than declared is InvalidParameterException': `${cognitoApi}/API_StringAttributeConstraintsType.html`,
  'AdminUpdateUserAttributes of an immutable attribute is InvalidParameterException': `${cognitoApi}/API_SchemaAttributeType.html#CognitoUserPools-Type-SchemaAttributeType-Mutable`,
  'AdminGetUser takes a sub wherever it takes a username': `${cognitoApi}/API_AdminGetUser.html#CognitoUserPools-AdminGetUser-request-Username`,
  'AdminSetUserPassword takes a sub in place of the username': `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Username`,
  'AdminAddUserToGroup takes a sub in place of the username': `${cognitoApi}/API_AdminAddUserToGroup.html#CognitoUserPools-AdminAddUserToGroup-request-Username`,
  'AdminDeleteUser takes a sub and leaves nobody of that name': `${cognitoApi}/API_AdminDeleteUser.html#CognitoUserPools-AdminDeleteUser-request-Username`,
  'AdminSetUserPassword takes a password of 256 characters': `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  'AdminSetUserPassword of a password of 257 characters is InvalidParameterException': `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  'AdminSetUserPassword of a password with a space is InvalidParameterException': `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  'a name that nobody has is NotAuthorizedException, as a wrong password is': `${cognitoGuide}/cognito-user-pool-managing-errors.html`,
  'a sign-in without SECRET_HASH is NotAuthorizedException when the client has a secret': `${cognitoGuide}/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash`,
  'a sign-in with the SECRET_HASH of another client is NotAuthorizedException': `${cognitoGuide}/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash`,
  'a sign-in without USERNAME is InvalidParameterException': `${cognitoApi}/API_InitiateAuth.html#CognitoUserPools-InitiateAuth-request-AuthParameters`,
  'a sign-in through a client that does not allow the flow is InvalidParameterException': `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ExplicitAuthFlows`,
  'after five wrong passwords the right one is NotAuthorizedException too': `${cognitoGuide}/authentication.html#authentication-flow-lockout-behavior`,
  'an access token lives as long as the client says, and the answer says how long': `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AccessTokenValidity`,
  'an ID token is signed by another key than an access token': `${cognitoGuide}/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html`,
  'GetUser does not show attributes that the client may not read': `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ReadAttributes`,
  'RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser': `${cognitoApi}/API_RevokeToken.html`,
  'RevokeToken leaves the signature of the access token valid': `${cognitoApi}/API_RevokeToken.html`,
  'RevokeToken leaves the other sign-ins of the same user alone': `${cognitoApi}/API_RevokeToken.html`,
  'RevokeToken makes the refresh token NotAuthorizedException': `${cognitoApi}/API_RevokeToken.html`,
  'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on': `${cognitoApi}/API_RevokeToken.html`,
  'RevokeToken of an access token is UnsupportedTokenTypeException': `${cognitoApi}/API_RevokeToken.html`,
  'a client with a scope that no resource server declares is ScopeDoesNotExistException': `${cognitoApi}/API_CreateUserPoolClient.html#API_CreateUserPoolClient_Errors`,
  'client_credentials beside another flow is InvalidOAuthFlowException': `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AllowedOAuthFlows`,
  'GetClientToken gives a token of that client and scope, without a username or groups': `${cognitoApi}/API_GetClientToken.html`,
  'GetClientToken with a wrong secret is NotAuthorizedException': `${cognitoApi}/API_GetClientToken.html`,
  'a client for machines signs no user in': `${cognitoApi}/API_GetClientToken.html`,
  'a second secret works beside the first, until the first is deleted': `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  'a third secret is LimitExceededException': `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  'the last secret cannot be deleted': `${cognitoApi}/API_DeleteUserPoolClientSecret.html`,
  'Decrypt with another key than the one it was sealed under is IncorrectKeyException': `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  'a disabled key is DisabledException for Encrypt and for Decrypt': `${kmsApi}/API_DisableKey.html`,
  'UpdateSecretVersionStage moves AWSCURRENT and leaves AWSPREVIOUS behind': `${secretsApi}/API_UpdateSecretVersionStage.html`,
  'a weak password as answer to NEW_PASSWORD_REQUIRED is InvalidPasswordException': `${cognitoApi}/API_RespondToAuthChallenge.html#API_RespondToAuthChallenge_Errors`,
  'AdminUserGlobalSignOut makes every access token of the user NotAuthorizedException at GetUser': `${cognitoApi}/API_AdminUserGlobalSignOut.html`,
  'AdminDisableUser makes every access token of the user NotAuthorizedException at GetUser': `${cognitoApi}/API_AdminDisableUser.html`,
  'Decrypt of a ciphertext with its last bit flipped is InvalidCiphertextException': `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  'Decrypt of a ciphertext cut by a byte is InvalidCiphertextException': `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  'Encrypt of 4097 bytes is ValidationException': `${kmsApi}/API_Encrypt.html#API_Encrypt_RequestSyntax`,
  'PutSecretValue with the same token and value again changes nothing': `${secretsApi}/API_PutSecretValue.html#SecretsManager-PutSecretValue-request-ClientRequestToken`,
  'PutSecretValue with the same token and another value is ResourceExistsException': `${secretsApi}/API_PutSecretValue.html#SecretsManager-PutSecretValue-request-ClientRequestToken`,
} as const satisfies Readonly<Record<string, string>>

export type DocumentedStatement = keyof typeof documentation
