// Where moto is known to differ from AWS: the one place that excuses a statement of the contract suite.

export type KnownDifference = {
  /** The statement's text, exactly. */
  readonly statement: string
  readonly moto: string
  /** The page of AWS's documentation that decides it. */
  readonly documentation: string
}

const cognitoApi = 'https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference'
const cognitoGuide = 'https://docs.aws.amazon.com/cognito/latest/developerguide'
const kmsApi = 'https://docs.aws.amazon.com/kms/latest/APIReference'
const secretsApi = 'https://docs.aws.amazon.com/secretsmanager/latest/apireference'

/** As of moto 5.2.5. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    statement: 'AdminCreateUser of a name that exists in another case is UsernameExistsException',
    moto: 'takes it for another user: CaseSensitive is stored and not used',
    documentation: `${cognitoApi}/API_UsernameConfigurationType.html`,
  },
  {
    statement: 'AdminGetUser finds a name in another case',
    moto: 'answers UserNotFoundException: CaseSensitive is stored and not used',
    documentation: `${cognitoApi}/API_UsernameConfigurationType.html`,
  },
  {
    statement: 'a sign-in takes the name in another case, with the SECRET_HASH of what is sent',
    moto: 'answers UserNotFoundException: CaseSensitive is stored and not used',
    documentation: `${cognitoApi}/API_UsernameConfigurationType.html`,
  },
  {
    statement: 'AdminCreateUser of a name with a space is InvalidParameterException',
    moto: 'makes the user',
    documentation: `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-Username`,
  },
  {
    statement: 'AdminCreateUser of a name of 129 characters is InvalidParameterException',
    moto: 'makes the user',
    documentation: `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-Username`,
  },
  {
    statement: 'AdminCreateUser with a temporary password outside the policy is InvalidPasswordException',
    moto: 'makes the user: only permanent passwords are held to the policy',
    documentation: `${cognitoApi}/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-TemporaryPassword`,
  },
  {
    statement: 'AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException',
    moto: 'makes the user and keeps the attribute',
    documentation: `${cognitoGuide}/user-pool-settings-attributes.html`,
  },
  {
    statement: 'AdminCreateUser with an attribute longer than declared is InvalidParameterException',
    moto: 'makes the user and keeps the attribute',
    documentation: `${cognitoApi}/API_StringAttributeConstraintsType.html`,
  },
  {
    statement: 'AdminUpdateUserAttributes of an immutable attribute is InvalidParameterException',
    moto: 'changes it',
    documentation: `${cognitoApi}/API_SchemaAttributeType.html#CognitoUserPools-Type-SchemaAttributeType-Mutable`,
  },
  {
    statement: 'AdminGetUser takes a sub wherever it takes a username',
    moto: 'answers UserNotFoundException: only pools that sign in by e-mail or telephone find a sub',
    documentation: `${cognitoApi}/API_AdminGetUser.html#CognitoUserPools-AdminGetUser-request-Username`,
  },
  {
    statement: 'AdminSetUserPassword takes a sub in place of the username',
    moto: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Username`,
  },
  {
    statement: 'AdminAddUserToGroup takes a sub in place of the username',
    moto: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_AdminAddUserToGroup.html#CognitoUserPools-AdminAddUserToGroup-request-Username`,
  },
  {
    statement: 'AdminDeleteUser takes a sub and leaves nobody of that name',
    moto: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_AdminDeleteUser.html#CognitoUserPools-AdminDeleteUser-request-Username`,
  },
  {
    statement: 'AdminSetUserPassword takes a password of 256 characters',
    moto: 'answers InvalidPasswordException: 99 characters, the most that a policy can ask for, are its longest',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  },
  {
    statement: 'AdminSetUserPassword of a password of 257 characters is InvalidParameterException',
    moto: 'answers InvalidPasswordException',
    documentation: `${cognitoApi}/API_AdminSetUserPassword.html#CognitoUserPools-AdminSetUserPassword-request-Password`,
  },
  {
    statement: 'AdminSetUserPassword of a password that begins or ends with a space is InvalidParameterException',
    moto: 'takes it',
    documentation: `${cognitoGuide}/managing-users-passwords.html`,
  },
  {
    statement: 'AdminCreateUser with a malformed e-mail address is InvalidParameterException',
    moto: 'makes the user and keeps the address',
    documentation: `${cognitoGuide}/user-pool-settings-attributes.html`,
  },
  {
    statement: 'AdminCreateUser with a malformed telephone number is InvalidParameterException',
    moto: 'makes the user and keeps the number',
    documentation: `${cognitoGuide}/user-pool-settings-attributes.html`,
  },
  {
    statement: 'CreateUserPool with 51 attributes is InvalidParameterException',
    moto: 'makes the pool',
    documentation: `${cognitoApi}/API_CreateUserPool.html#CognitoUserPools-CreateUserPool-request-Schema`,
  },
  {
    statement: 'CreateUserPool with one attribute twice is InvalidParameterException',
    moto: 'makes the pool, with one of the two',
    documentation: `${cognitoApi}/API_CreateUserPool.html#CognitoUserPools-CreateUserPool-request-Schema`,
  },
  {
    statement: 'a sign-in with the sub in place of the username is NotAuthorizedException',
    moto: 'answers UserNotFoundException: PreventUserExistenceErrors is stored and not used',
    documentation: `${cognitoGuide}/cognito-user-pool-managing-errors.html`,
  },
  {
    statement: 'a name that nobody has is NotAuthorizedException, as a wrong password is',
    moto: 'answers UserNotFoundException: PreventUserExistenceErrors is stored and not used',
    documentation: `${cognitoGuide}/cognito-user-pool-managing-errors.html`,
  },
  {
    statement: 'a sign-in without SECRET_HASH is NotAuthorizedException when the client has a secret',
    moto: 'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
    documentation: `${cognitoGuide}/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash`,
  },
  {
    statement: 'a sign-in with the SECRET_HASH of another client is NotAuthorizedException',
    moto: 'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
    documentation: `${cognitoGuide}/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash`,
  },
  {
    statement: 'a sign-in without USERNAME is InvalidParameterException',
    moto: 'answers UserNotFoundException',
    documentation: `${cognitoApi}/API_InitiateAuth.html#CognitoUserPools-InitiateAuth-request-AuthParameters`,
  },
  {
    statement: 'a sign-in through a client that does not allow the flow is InvalidParameterException',
    moto: 'signs in: ExplicitAuthFlows is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ExplicitAuthFlows`,
  },
  {
    statement: 'after five wrong passwords the right one is NotAuthorizedException too',
    moto: 'signs in: nobody is ever locked out',
    documentation: `${cognitoGuide}/authentication.html#authentication-flow-lockout-behavior`,
  },
  {
    statement: 'an access token lives as long as the client says, and the answer says how long',
    moto: 'gives it an hour: AccessTokenValidity is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AccessTokenValidity`,
  },
  {
    statement: 'an ID token is signed by another key than an access token',
    moto: 'signs both with one key',
    documentation: `${cognitoGuide}/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html`,
  },
  {
    statement: 'GetUser does not show attributes that the client may not read',
    moto: 'shows all of them: ReadAttributes is stored and not used',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ReadAttributes`,
  },
  {
    statement: 'RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken leaves the signature of the access token valid',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken leaves the other sign-ins of the same user alone',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken makes the refresh token NotAuthorizedException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'RevokeToken of an access token is UnsupportedTokenTypeException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_RevokeToken.html`,
  },
  {
    statement: 'a client with a scope that no resource server declares is ScopeDoesNotExistException',
    moto: 'makes the client: AllowedOAuthScopes is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#API_CreateUserPoolClient_Errors`,
  },
  {
    statement: 'client_credentials beside another flow is InvalidOAuthFlowException',
    moto: 'makes the client: AllowedOAuthFlows is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AllowedOAuthFlows`,
  },
  {
    statement: 'GetClientToken gives a token of that client and scope, without a username or groups',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'GetClientToken with a wrong secret is NotAuthorizedException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'a client for machines signs no user in',
    moto: 'looks for the user: ExplicitAuthFlows is stored and not used',
    documentation: `${cognitoApi}/API_GetClientToken.html`,
  },
  {
    statement: 'a second secret works beside the first, until the first is deleted',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  },
  {
    statement: 'a third secret is LimitExceededException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_AddUserPoolClientSecret.html`,
  },
  {
    statement: 'the last secret cannot be deleted',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_DeleteUserPoolClientSecret.html`,
  },
  {
    statement: 'Decrypt with another key than the one it was sealed under is IncorrectKeyException',
    moto: 'answers AccessDeniedException',
    documentation: `${kmsApi}/API_Decrypt.html#API_Decrypt_Errors`,
  },
  {
    statement: 'a disabled key is DisabledException for Encrypt and for Decrypt',
    moto: 'encrypts and decrypts',
    documentation: `${kmsApi}/API_DisableKey.html`,
  },
  {
    statement: 'an access or ID token that outlives the refresh token is InvalidParameterException',
    moto: 'makes the client: the lives of tokens are stored and not compared',
    documentation: `${cognitoGuide}/user-pool-settings-client-apps.html`,
  },
  {
    statement: 'the code or the implicit flow without a callback URL is InvalidOAuthFlowException',
    moto: 'makes the client: CallbackURLs is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-CallbackURLs`,
  },
  {
    statement: 'a callback URL of plain http, with a fragment or relative is InvalidParameterException',
    moto: 'makes the client: CallbackURLs is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-CallbackURLs`,
  },
  {
    statement: 'a default redirect that is no callback URL is InvalidParameterException',
    moto: 'makes the client: DefaultRedirectURI is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-DefaultRedirectURI`,
  },
  {
    statement: 'an identity provider that the pool does not have is InvalidParameterException',
    moto: 'makes the client: SupportedIdentityProviders is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-SupportedIdentityProviders`,
  },
  {
    statement: 'managed login without a flow or without a scope is InvalidParameterException',
    moto: 'makes the client: AllowedOAuthFlowsUserPoolClient is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AllowedOAuthFlowsUserPoolClient`,
  },
  {
    statement: 'client_credentials without a secret is InvalidOAuthFlowException',
    moto: 'makes the client: AllowedOAuthFlows is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AllowedOAuthFlows`,
  },
  {
    statement: 'client_credentials with a scope of users is InvalidOAuthFlowException',
    moto: 'makes the client: AllowedOAuthFlows is stored and not looked at',
    documentation: `${cognitoApi}/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-AllowedOAuthFlows`,
  },
  {
    statement: 'GetTokensFromRefreshToken gives new tokens of the same sign-in and no new refresh token',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetTokensFromRefreshToken.html`,
  },
  {
    statement: 'GetTokensFromRefreshToken with the secret of another client is NotAuthorizedException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetTokensFromRefreshToken.html`,
  },
  {
    statement: 'GetTokensFromRefreshToken of a token of another client is NotAuthorizedException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetTokensFromRefreshToken.html`,
  },
  {
    statement: 'a client that rotates refresh tokens gives a new one, which renews in its turn',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetTokensFromRefreshToken.html`,
  },
  {
    statement: 'a refresh token that was rotated away is RefreshTokenReuseException',
    moto: 'answers 500: the operation is not implemented',
    documentation: `${cognitoApi}/API_GetTokensFromRefreshToken.html`,
  },
  {
    statement: 'Decrypt names the material of the key that DescribeKey calls the current one',
    moto: 'names no material',
    documentation: `${kmsApi}/API_Decrypt.html#API_Decrypt_ResponseSyntax`,
  },
  {
    statement: 'NotFoundException tells an id that nothing has from what is no id, and from an alias',
    moto: 'puts no quotation marks around what is no id',
    documentation: `${kmsApi}/API_DescribeKey.html#API_DescribeKey_Errors`,
  },
  {
    statement: 'CreateKey with a tag key twice, a reserved one or more than 50 tags is TagException',
    moto: 'makes the key: only TagResource looks at tags',
    documentation: `${kmsApi}/API_CreateKey.html#API_CreateKey_Errors`,
  },
  {
    statement: 'CreateKey with a tag key of 129 characters is ValidationException',
    moto: 'makes the key: only TagResource looks at tags',
    documentation: `${kmsApi}/API_Tag.html`,
  },
  {
    statement: 'a name with a forbidden character is ValidationException from every operation',
    moto: 'makes the secret',
    documentation: `${secretsApi}/API_CreateSecret.html#SecretsManager-CreateSecret-request-Name`,
  },
  {
    statement: 'CreateSecret or PutSecretValue without ClientRequestToken is InvalidRequestException',
    moto: 'makes a token of its own',
    documentation: `${secretsApi}/API_CreateSecret.html#SecretsManager-CreateSecret-request-ClientRequestToken`,
  },
  {
    statement: 'PutSecretValue of more than 65,536 bytes is ValidationException, however few characters',
    moto: 'keeps it',
    documentation: `${secretsApi}/API_PutSecretValue.html#SecretsManager-PutSecretValue-request-SecretString`,
  },
  {
    statement: 'DescribeSecret tells the day on which the value was read last',
    moto: 'does not tell it',
    documentation: `${secretsApi}/API_DescribeSecret.html#SecretsManager-DescribeSecret-response-LastAccessedDate`,
  },
  {
    statement: 'UpdateSecretVersionStage moves AWSCURRENT and leaves AWSPREVIOUS behind',
    moto: 'moves the labels, and goes on answering GetSecretValue with the old version',
    documentation: `${secretsApi}/API_UpdateSecretVersionStage.html`,
  },
]
