// Where moto differs from AWS.
import { cognitoApi, cognitoGuide, kmsApi, secretsApi, type KnownDifference } from './known-difference.ts'

/** As of moto 5.2.5. */
export const motoDifferences: readonly KnownDifference[] = [
  {
    statement: 'AdminCreateUser of a name that exists in another case is UsernameExistsException',
    instead: 'takes it for another user: CaseSensitive is stored and not used',
    documentation: `${cognitoApi}/API_UsernameConfigurationType.html`,
  },
  {
    statement: 'AdminGetUser finds a name in another case',
    instead: 'answers UserNotFoundException: CaseSensitive is stored and not used',
    documentation: `${cognitoApi}/API_UsernameConfigurationType.html`,
  },
  {
    statement: 'a sign-in takes the name in another case, with the SECRET_HASH of what is sent',
    instead: 'answers UserNotFoundException: CaseSensitive is stored and not used',
    documentation: `${cognitoApi}/API_UsernameConfigurationType.html`,
  },
  {
    statement: 'AdminCreateUser of a name with a space is InvalidParameterException',
    instead: 'makes the user',
    documentation: `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-Username`,
  },
  {
    statement: 'AdminCreateUser of a name of 129 characters is InvalidParameterException',
    instead: 'makes the user',
    documentation: `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-Username`,
  },
  {
    statement: 'AdminCreateUser with a temporary password outside the policy is InvalidPasswordException',
    instead: 'makes the user: only permanent passwords are held to the policy',
    documentation: `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-TemporaryPassword`,
  },
  {
    statement: 'AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException',
    instead: 'makes the user and keeps the attribute',
    documentation: `${cognitoGuide}/user-pool-settings-attributes.html`,
  },
  {
    statement: 'AdminCreateUser with an attribute longer than declared is InvalidParameterException',
    instead: 'makes the user and keeps the attribute',
    documentation: `${cognitoApi}/API_StringAttributeConstraintsType.html`,
  },
  {
    statement: 'AdminUpdateUserAttributes of an immutable attribute is InvalidParameterException',
    instead: 'changes it',
    documentation: `${cognitoApi}/API_SchemaAttributeType.html#CognitoUserPools-Type-SchemaAttributeType-Mutable`,
  },
  {
    statement: 'AdminGetUser takes a sub wherever it takes a username',
    instead: 'answers UserNotFoundException: only pools that sign in by e-mail or telephone find a sub',
    documentation: `${cognitoApi}/API_AdminGetUser.html#CognitoUserPools-AdminGetUser-request-Username`,
  },
  {
    statement: 'AdminSetUserPassword takes a sub in place of the username',
    instead: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Username`,
  },
  {
    statement: 'AdminAddUserToGroup takes a sub in place of the username',
    instead: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_AdminAddUserToGroup.html#CognitoUserPools-AdminAddUserToGroup-request-Username`,
  },
  {
    statement: 'AdminDeleteUser takes a sub and leaves nobody of that name',
    instead: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_AdminDeleteUser.html#CognitoUserPools-AdminDeleteUser-request-Username`,
  },
  {
    statement: 'AdminSetUserPassword takes a password of 256 characters',
    instead: 'answers InvalidPasswordException: 99 characters, the most that a policy can ask for, are its longest',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  },
  {
    statement: 'AdminSetUserPassword of a password of 257 characters is InvalidParameterException',
    instead: 'answers InvalidPasswordException',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  },
  {
    statement: 'AdminSetUserPassword of a password with a space is InvalidParameterException',
    instead: 'takes it',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  },
  {
    statement: 'a name that nobody has is NotAuthorizedException, as a wrong password is',
    instead: 'answers UserNotFoundException: PreventUserExistenceErrors is stored and not used',
    documentation: `${cognitoGuide}/cognito-user-pool-managing-errors.html`,
  },
  {
    statement: 'a sign-in without SECRET_HASH is NotAuthorizedException when the client has a secret',
    instead: 'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
    documentation: `${cognitoGuide}/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash`,
  },
  {
    statement: 'a sign-in with the SECRET_HASH of another client is NotAuthorizedException',
    instead: 'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
    documentation: `${cognitoGuide}/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash`,
  },
  {
    statement: 'a sign-in without USERNAME is InvalidParameterException',
    instead: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_InitiateAuth.html#CognitoUserPools-InitiateAuth-request-AuthParameters`,
  },
  {
    statement: 'a sign-in through a client that does not allow the flow is InvalidParameterException',
    instead: 'signs in: ExplicitAuthFlows is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ExplicitAuthFlows`,
  },
  {
    statement: 'after five wrong passwords the right one is NotAuthorizedException too',
    instead: 'signs in: nobody is ever locked out',
    documentation: `${cognitoGuide}/authentication.html#authentication-flow-lockout-behavior`,
  },
  {
    statement: 'an access token lives as long as the client says, and the answer says how long',
    instead: 'gives it an hour: AccessTokenValidity is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AccessTokenValidity`,
  },
  {
    statement: 'an ID token is signed by another key than an access token',
    instead: 'signs both with one key',
    documentation: `${cognitoGuide}/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html`,
  },
  {
    statement: 'GetUser does not show attributes that the client may not read',
    instead: 'shows all of them: ReadAttributes is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ReadAttributes`,
  },
  {
    statement: 'RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken leaves the signature of the access token valid',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken leaves the other sign-ins of the same user alone',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken makes the refresh token NotAuthorizedException',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken of an access token is UnsupportedTokenTypeException',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'a client with a scope that no resource server declares is ScopeDoesNotExistException',
    instead: 'makes the client: AllowedOAuthScopes is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#API_CreateUserPoolClient_Errors`,
  },
  {
    statement: 'client_credentials beside another flow is InvalidOAuthFlowException',
    instead: 'makes the client: AllowedOAuthFlows is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AllowedOAuthFlows`,
  },
  {
    statement: 'GetClientToken gives a token of that client and scope, without a username or groups',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'GetClientToken with a wrong secret is NotAuthorizedException',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'a client for machines signs no user in',
    instead: 'looks for the user: ExplicitAuthFlows is stored and not used',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'a second secret works beside the first, until the first is deleted',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  },
  {
    statement: 'a third secret is LimitExceededException',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  },
  {
    statement: 'the last secret cannot be deleted',
    instead: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_DeleteUserPoolClientSecret.html`,
  },
  {
    statement: 'Decrypt with another key than the one it was sealed under is IncorrectKeyException',
    instead: 'answers AccessDeniedException',
    documentation: `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  },
  {
    statement: 'a disabled key is DisabledException for Encrypt and for Decrypt',
    instead: 'encrypts and decrypts',
    documentation: `${kmsApi}/API_DisableKey.html`,
  },
  {
    statement: 'UpdateSecretVersionStage moves AWSCURRENT and leaves AWSPREVIOUS behind',
    instead: 'moves the labels, and goes on answering GetSecretValue with the old version',
    documentation: `${secretsApi}/API_UpdateSecretVersionStage.html`,
  },
]
