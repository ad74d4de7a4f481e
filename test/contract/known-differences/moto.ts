// Where moto differs from AWS, and what it does instead.
import type { DocumentedStatement } from './documentation.ts'

/** As of moto 5.2.5. */
export const motoDifferences = {
  'AdminCreateUser of a name that exists in another case is UsernameExistsException':
    'takes it for another user: CaseSensitive is stored and not used',
  'AdminGetUser finds a name in another case': 'answers UserNotFoundException: CaseSensitive is stored and not used',
  'a sign-in takes the name in another case, with the SECRET_HASH of what is sent':
    'answers UserNotFoundException: CaseSensitive is stored and not used',
  'AdminCreateUser of a name with a space is InvalidParameterException': 'makes the user',
  'AdminCreateUser of a name of 129 characters is InvalidParameterException': 'makes the user',
  'AdminCreateUser with a temporary password outside the policy is InvalidPasswordException':
    'makes the user: only permanent passwords are held to the policy',
  'AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException':
    'makes the user and keeps the attribute',
  'AdminCreateUser with an attribute longer than declared is InvalidParameterException':
    'makes the user and keeps the attribute',
  'AdminGetUser takes a sub wherever it takes a username':
    'answers UserNotFoundException: only pools that sign in by e-mail or telephone find a sub',
  'AdminSetUserPassword takes a sub in place of the username': 'answers UserNotFoundException',
  'AdminAddUserToGroup takes a sub in place of the username': 'answers UserNotFoundException',
  'AdminDeleteUser takes a sub and leaves nobody of that name': 'answers UserNotFoundException',
  'AdminSetUserPassword takes a password of 256 characters':
    'answers InvalidPasswordException: 99 characters, the most that a policy can ask for, are its longest',
  'AdminSetUserPassword of a password of 257 characters is InvalidParameterException':
    'answers InvalidPasswordException',
  'AdminSetUserPassword of a password that begins or ends with a space is InvalidParameterException': 'takes it',
  'AdminCreateUser with a malformed e-mail address is InvalidParameterException':
    'makes the user and keeps the address',
  'AdminCreateUser with a malformed telephone number is InvalidParameterException':
    'makes the user and keeps the number',
  'CreateUserPool with 51 attributes is InvalidParameterException': 'makes the pool',
  'CreateUserPool with one attribute twice is InvalidParameterException': 'makes the pool, with one of the two',
  'a sign-in with the sub in place of the username is NotAuthorizedException':
    'answers UserNotFoundException: PreventUserExistenceErrors is stored and not used',
  'a name that nobody has is NotAuthorizedException, as a wrong password is':
    'answers UserNotFoundException: PreventUserExistenceErrors is stored and not used',
  'a sign-in without SECRET_HASH is NotAuthorizedException when the client has a secret':
    'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
  'a sign-in with the SECRET_HASH of another client is NotAuthorizedException':
    'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
  'a sign-in without USERNAME is InvalidParameterException': 'answers UserNotFoundException',
  'a sign-in through a client that does not allow the flow is InvalidParameterException':
    'signs in: ExplicitAuthFlows is stored and not used',
  'after five wrong passwords the right one is NotAuthorizedException too': 'signs in: nobody is ever locked out',
  'an access token lives as long as the client says, and the answer says how long':
    'gives it an hour: AccessTokenValidity is stored and not used',
  'an ID token is signed by another key than an access token': 'signs both with one key',
  'GetUser does not show attributes that the client may not read':
    'shows all of them: ReadAttributes is stored and not used',
  'RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser':
    'answers 500: the operation is not implemented',
  'RevokeToken leaves the signature of the access token valid': 'answers 500: the operation is not implemented',
  'RevokeToken leaves the other sign-ins of the same user alone': 'answers 500: the operation is not implemented',
  'RevokeToken makes the refresh token NotAuthorizedException': 'answers 500: the operation is not implemented',
  'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on':
    'answers 500: the operation is not implemented',
  'RevokeToken of an access token is UnsupportedTokenTypeException': 'answers 500: the operation is not implemented',
  'a client with a scope that no resource server declares is ScopeDoesNotExistException':
    'makes the client: AllowedOAuthScopes is stored and not looked at',
  'client_credentials beside another flow is InvalidOAuthFlowException':
    'makes the client: AllowedOAuthFlows is stored and not looked at',
  'GetClientToken gives a token of that client and scope, without a username or groups':
    'answers 500: the operation is not implemented',
  'GetClientToken with a wrong secret is NotAuthorizedException': 'answers 500: the operation is not implemented',
  'a client for machines signs no user in': 'looks for the user: ExplicitAuthFlows is stored and not used',
  'a second secret works beside the first, until the first is deleted': 'answers 500: the operation is not implemented',
  'a third secret is LimitExceededException': 'answers 500: the operation is not implemented',
  'the last secret cannot be deleted': 'answers 500: the operation is not implemented',
  'Decrypt with another key than the one it was sealed under is IncorrectKeyException': 'answers AccessDeniedException',
  'a disabled key is DisabledException for Encrypt and for Decrypt': 'encrypts and decrypts',
  'an access or ID token that outlives the refresh token is InvalidParameterException':
    'makes the client: the lives of tokens are stored and not compared',
  'the code or the implicit flow without a callback URL is InvalidOAuthFlowException':
    'makes the client: CallbackURLs is stored and not looked at',
  'a callback URL of plain http, with a fragment or relative is InvalidParameterException':
    'makes the client: CallbackURLs is stored and not looked at',
  'a default redirect that is no callback URL is InvalidParameterException':
    'makes the client: DefaultRedirectURI is stored and not looked at',
  'an identity provider that the pool does not have is InvalidParameterException':
    'makes the client: SupportedIdentityProviders is stored and not looked at',
  'managed login without a flow or without a scope is InvalidParameterException':
    'makes the client: AllowedOAuthFlowsUserPoolClient is stored and not looked at',
  'client_credentials without a secret is InvalidOAuthFlowException':
    'makes the client: AllowedOAuthFlows is stored and not looked at',
  'client_credentials with a scope of users is InvalidOAuthFlowException':
    'makes the client: AllowedOAuthFlows is stored and not looked at',
  'GetTokensFromRefreshToken gives new tokens of the same sign-in and no new refresh token':
    'answers 500: the operation is not implemented',
  'GetTokensFromRefreshToken with the secret of another client is NotAuthorizedException':
    'answers 500: the operation is not implemented',
  'GetTokensFromRefreshToken of a token of another client is NotAuthorizedException':
    'answers 500: the operation is not implemented',
  'a client that rotates refresh tokens gives a new one, which renews in its turn':
    'answers 500: the operation is not implemented',
  'a refresh token that was rotated away is RefreshTokenReuseException':
    'answers 500: the operation is not implemented',
  'Decrypt names the material of the key that CreateKey called the current one': 'names no material',
  'NotFoundException tells an id that nothing has from what is no id, and from an alias':
    'puts no quotation marks around what is no id',
  'CreateKey with a tag key twice, a reserved one or more than 50 tags is TagException':
    'makes the key: only TagResource looks at tags',
  'CreateKey with a tag key of 129 characters is ValidationException': 'makes the key: only TagResource looks at tags',
  'a name with a forbidden character is ValidationException from every operation': 'makes the secret',
  'CreateSecret or PutSecretValue without ClientRequestToken is InvalidRequestException': 'makes a token of its own',
  'PutSecretValue of more than 65,536 bytes is ValidationException, however few characters': 'keeps it',
  'DescribeSecret tells the day on which the value was read last': 'does not tell it',
  'UpdateSecretVersionStage moves AWSCURRENT and leaves AWSPREVIOUS behind':
    'moves the labels, and goes on answering GetSecretValue with the old version',
  'ListSecretVersionIds lists the versions that have a staging label': 'lists those without one, too',
  'AdminDisableUser makes a refresh NotAuthorizedException':
    'gives tokens: only a sign-in looks at whether the user is enabled',
  'AdminDisableUser moves UserLastModifiedDate and not UserCreateDate':
    'moves neither: only changes of attributes count',
  'AdminDisableUser and AdminEnableUser take a sub in place of the username': 'answers UserNotFoundException',
  'AdminUserGlobalSignOut of a sub makes a refresh NotAuthorizedException': 'answers UserNotFoundException',
  'AdminRemoveUserFromGroup and AdminListGroupsForUser take a sub in place of the username':
    'answers UserNotFoundException',
  'AdminDeleteUser ends the refresh tokens of the user': 'answers 500',
  'ListUsers with AttributesToGet that a user lacks is InvalidParameterException': 'leaves the attribute out',
  'ListUsers with a filter of two conditions or without quotation marks is InvalidParameterException':
    'takes all that is behind the first quotation mark for one value',
  'ListUsers of more than 60 users a page is InvalidParameterException': 'gives as many as are asked for',
  'ListUsers with a token that it did not give out is InvalidParameterException': 'answers InvalidToken',
  'ListUsers with the token of another filter is InvalidParameterException': 'answers InvalidToken',
  'RotateSecret of a secret that has no rotation function is InvalidRequestException': 'rotates',
  'PutResourcePolicy of a public policy that is to be blocked is PublicPolicyException': 'takes it',
  'PutResourcePolicy of what is no JSON or no policy is MalformedPolicyDocumentException': 'takes it',
  'PutResourcePolicy of more than 20,480 characters is ValidationException': 'takes it',
  'AWSCURRENT that is moved back leaves AWSPREVIOUS on the version that it came from':
    'moves the labels, and goes on answering GetSecretValue with the later version',
  'a secret that waits to be deleted takes no value, and keeps its name, until it is restored': 'takes the value',
} as const satisfies Partial<Record<DocumentedStatement, string>>
