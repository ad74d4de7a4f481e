// Where MiniStack differs from AWS.
import { cognitoApi, cognitoGuide, kmsApi, secretsApi, type KnownDifference } from './known-difference.ts'

/** As of MiniStack 1.5.33. */
export const miniStackDifferences: readonly KnownDifference[] = [
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
    instead: 'answers NotAuthorizedException: CaseSensitive is stored and not used',
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
    statement: 'AdminSetUserPassword of a password of 257 characters is InvalidParameterException',
    instead: 'takes it',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  },
  {
    statement: 'AdminSetUserPassword of a password with a space is InvalidParameterException',
    instead: 'takes it',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
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
    instead: 'answers NotAuthorizedException',
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
    statement: 'a weak password as answer to NEW_PASSWORD_REQUIRED is InvalidPasswordException',
    instead: 'takes it: only the Admin operations hold a password to the policy',
    documentation: `${cognitoApi}/API_RespondToAuthChallenge.html#API_RespondToAuthChallenge_Errors`,
  },
  {
    statement: 'GetUser does not show attributes that the client may not read',
    instead: 'shows all of them: ReadAttributes is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ReadAttributes`,
  },
  {
    statement: 'RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser',
    instead: 'answers GetUser: only the refresh looks at what was revoked',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on',
    instead: 'revokes: neither the client nor its secret is looked at',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken of an access token is UnsupportedTokenTypeException',
    instead: 'succeeds: any text counts as a refresh token',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'AdminUserGlobalSignOut makes every access token of the user NotAuthorizedException at GetUser',
    instead: 'answers GetUser: only the refresh looks at the sign-out',
    documentation: `${cognitoApi}/API_AdminUserGlobalSignOut.html`,
  },
  {
    statement: 'AdminDisableUser makes every access token of the user NotAuthorizedException at GetUser',
    instead: 'answers GetUser: only a sign-in looks at whether the user is enabled',
    documentation: `${cognitoApi}/API_AdminDisableUser.html`,
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
    instead: 'answers InvalidAction: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'GetClientToken with a wrong secret is NotAuthorizedException',
    instead: 'answers InvalidAction: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'a client for machines signs no user in',
    instead: 'looks for the user: ExplicitAuthFlows is stored and not used',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'a second secret works beside the first, until the first is deleted',
    instead: 'answers InvalidAction: the operation is not implemented',
    documentation: `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  },
  {
    statement: 'a third secret is LimitExceededException',
    instead: 'answers InvalidAction: the operation is not implemented',
    documentation: `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  },
  {
    statement: 'the last secret cannot be deleted',
    instead: 'answers InvalidAction: the operation is not implemented',
    documentation: `${cognitoApi}/API_DeleteUserPoolClientSecret.html`,
  },
  {
    statement: 'Decrypt with another key than the one it was sealed under is IncorrectKeyException',
    instead: 'gives bytes that nobody sealed: ciphertexts are not authenticated',
    documentation: `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  },
  {
    statement: 'Decrypt of a ciphertext with its last bit flipped is InvalidCiphertextException',
    instead: 'gives bytes that nobody sealed: ciphertexts are not authenticated',
    documentation: `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  },
  {
    statement: 'Decrypt of a ciphertext cut by a byte is InvalidCiphertextException',
    instead: 'gives bytes that nobody sealed: ciphertexts are not authenticated',
    documentation: `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  },
  {
    statement: 'Encrypt of 4097 bytes is ValidationException',
    instead: 'encrypts them',
    documentation: `${kmsApi}/API_Encrypt.html#API_Encrypt_RequestSyntax`,
  },
  {
    statement: 'PutSecretValue with the same token and value again changes nothing',
    instead: 'writes the version again, and its label AWSPREVIOUS is gone',
    documentation: `${secretsApi}/API_PutSecretValue.html#SecretsManager-PutSecretValue-request-ClientRequestToken`,
  },
  {
    statement: 'PutSecretValue with the same token and another value is ResourceExistsException',
    instead: 'writes over the version',
    documentation: `${secretsApi}/API_PutSecretValue.html#SecretsManager-PutSecretValue-request-ClientRequestToken`,
  },
]
