// Where MiniStack differs from AWS, and what it does instead.
import type { DocumentedStatement } from './documentation.ts'

/** As of MiniStack 1.5.33. */
export const miniStackDifferences = {
  'AdminCreateUser of a name that exists in another case is UsernameExistsException':
    'takes it for another user: CaseSensitive is stored and not used',
  'AdminGetUser finds a name in another case': 'answers UserNotFoundException: CaseSensitive is stored and not used',
  'a sign-in takes the name in another case, with the SECRET_HASH of what is sent':
    'answers NotAuthorizedException: CaseSensitive is stored and not used',
  'AdminCreateUser of a name with a space is InvalidParameterException': 'makes the user',
  'AdminCreateUser of a name of 129 characters is InvalidParameterException': 'makes the user',
  'AdminCreateUser with an attribute that the pool does not declare is InvalidParameterException':
    'makes the user and keeps the attribute',
  'AdminCreateUser with an attribute longer than declared is InvalidParameterException':
    'makes the user and keeps the attribute',
  'AdminSetUserPassword of a password of 257 characters is InvalidParameterException': 'takes it',
  'AdminSetUserPassword of a password that begins or ends with a space is InvalidParameterException': 'takes it',
  'a sign-in without SECRET_HASH is NotAuthorizedException when the client has a secret':
    'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
  'a sign-in with the SECRET_HASH of another client is NotAuthorizedException':
    'signs in: USER_PASSWORD_AUTH does not look at SECRET_HASH',
  'a sign-in without USERNAME is InvalidParameterException': 'answers NotAuthorizedException',
  'a sign-in through a client that does not allow the flow is InvalidParameterException':
    'signs in: ExplicitAuthFlows is stored and not used',
  'after five wrong passwords the right one is NotAuthorizedException too': 'signs in: nobody is ever locked out',
  'GetUser does not show attributes that the client may not read':
    'shows all of them: ReadAttributes is stored and not used',
  'RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser':
    'answers GetUser: only the refresh looks at what was revoked',
  'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on':
    'revokes: neither the client nor its secret is looked at',
  'RevokeToken of an access token is UnsupportedTokenTypeException': 'succeeds: any text counts as a refresh token',
  'AdminUserGlobalSignOut makes every access token of the user NotAuthorizedException at GetUser':
    'answers GetUser: only the refresh looks at the sign-out',
  'AdminDisableUser makes every access token of the user NotAuthorizedException at GetUser':
    'answers GetUser: only a sign-in looks at whether the user is enabled',
  'a client with a scope that no resource server declares is ScopeDoesNotExistException':
    'makes the client: AllowedOAuthScopes is stored and not looked at',
  'client_credentials beside another flow is InvalidOAuthFlowException':
    'makes the client: AllowedOAuthFlows is stored and not looked at',
  'GetClientToken gives a token of that client and scope, without a username or groups':
    'answers InvalidAction: the operation is not implemented',
  'GetClientToken with a wrong secret is NotAuthorizedException':
    'answers InvalidAction: the operation is not implemented',
  'a client for machines signs no user in': 'looks for the user: ExplicitAuthFlows is stored and not used',
  'a second secret works beside the first, until the first is deleted':
    'answers InvalidAction: the operation is not implemented',
  'a third secret is LimitExceededException': 'answers InvalidAction: the operation is not implemented',
  'the last secret cannot be deleted': 'answers InvalidAction: the operation is not implemented',
  'Decrypt with another key than the one it was sealed under is IncorrectKeyException':
    'gives bytes that nobody sealed: ciphertexts are not authenticated',
  'Decrypt of a ciphertext with its last bit flipped is InvalidCiphertextException':
    'gives bytes that nobody sealed: ciphertexts are not authenticated',
  'Decrypt of a ciphertext cut by a byte is InvalidCiphertextException':
    'gives bytes that nobody sealed: ciphertexts are not authenticated',
  'Encrypt of 4097 bytes is ValidationException': 'encrypts them',
  'PutSecretValue with the same token and value again changes nothing':
    'writes the version again, and its label AWSPREVIOUS is gone',
  'PutSecretValue with the same token and another value is ResourceExistsException': 'writes over the version',
  'AdminSetUserPassword takes a space inside of a password, and counts it as a symbol':
    'answers InvalidPasswordException: a space is no symbol',
  'AdminCreateUser with a malformed e-mail address is InvalidParameterException':
    'makes the user and keeps the address',
  'AdminCreateUser with a malformed telephone number is InvalidParameterException':
    'makes the user and keeps the number',
  'CreateUserPool with 51 attributes is InvalidParameterException': 'makes the pool',
  'CreateUserPool with one attribute twice is InvalidParameterException': 'makes the pool',
  'a sign-in with the sub in place of the username is NotAuthorizedException':
    'signs in: the user is looked up as the Admin operations do',
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
  'GetTokensFromRefreshToken with the secret of another client is NotAuthorizedException':
    'gives tokens: the secret is not looked at',
  'a client that rotates refresh tokens gives a new one, which renews in its turn':
    'gives none: RefreshTokenRotation is stored and not used',
  'a refresh token that was rotated away is RefreshTokenReuseException':
    'gives tokens: RefreshTokenRotation is stored and not used',
  'CreateKey with a tag key twice, a reserved one or more than 50 tags is TagException':
    'makes the key: tags are kept and not looked at',
  'CreateKey with a tag key of 129 characters is ValidationException': 'makes the key: tags are kept and not looked at',
  'a name with a forbidden character is ValidationException from every operation': 'makes the secret',
  'CreateSecret or PutSecretValue without ClientRequestToken is InvalidRequestException': 'makes a token of its own',
  'PutSecretValue of more than 65,536 bytes is ValidationException, however few characters': 'keeps it',
  'DescribeSecret leaves out what the secret does not have': 'gives empty members',
  'DescribeSecret leaves out the stages of a secret without a value': 'gives an empty member',
  'DescribeSecret tells the day on which the value was read last': 'tells the second',
  'ListSecrets finds the names that begin with what the filter says, in pages':
    'gives a NextToken with the last page too',
  'GetSecretValue of a version and a stage that it does not have is InvalidRequestException':
    'gives the version: its stage is not compared',
  'DeleteSecret without recovery of a secret that does not exist succeeds': 'answers ResourceNotFoundException',
  'GenerateDataKey of both a spec and a size, of neither or of 1025 bytes is ValidationException': 'gives a data key',
  'CreateAlias of a name without alias/, or with a colon, is ValidationException': 'makes the alias with a colon',
  'NotFoundException tells an id that nothing has from what is no id, and from an alias': 'has words of its own',
  'AdminDisableUser makes a refresh NotAuthorizedException':
    'gives tokens: only a sign-in looks at whether the user is enabled',
  'AdminRemoveUserFromGroup of a group that does not exist is ResourceNotFoundException': 'succeeds',
  'AdminListGroupsForUser shows every group once, in pages': 'shows all groups in one page, whatever Limit is',
  'ListUsers with AttributesToGet that a user lacks is InvalidParameterException':
    'shows all attributes: AttributesToGet is not looked at',
  'ListUsers with a filter of a custom attribute is InvalidParameterException':
    'gives all users: what it cannot read is no filter',
  'ListUsers with a filter of two conditions or without quotation marks is InvalidParameterException':
    'finds users by the first condition, and gives all users where it can read none',
  'ListUsers of more than 60 users a page is InvalidParameterException': 'gives 60',
  'ListUsers with a token that it did not give out is InvalidParameterException': 'gives the first page',
  'ListUsers with the token of another filter is InvalidParameterException':
    'goes on: the token is a number of users to leave out',
  'RotateSecret of a secret that has no rotation function is InvalidRequestException': 'rotates',
  'PutResourcePolicy of a public policy that is to be blocked is PublicPolicyException': 'takes it',
  'PutResourcePolicy of what is no JSON or no policy is MalformedPolicyDocumentException': 'takes it',
  'PutResourcePolicy of more than 20,480 characters is ValidationException': 'takes it',
  'a secret that waits to be deleted takes no value, and keeps its name, until it is restored':
    'answers ResourceExistsException to CreateSecret',
  'ListSecretVersionIds lists the versions without a staging label where it is asked to': 'leaves them out',
  'CreateSecret without a value makes a secret that a later PutSecretValue fills': 'makes a version without a value',
} as const satisfies Partial<Record<DocumentedStatement, string>>
