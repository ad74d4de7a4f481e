#!/usr/bin/env bash
# Drives local AWS with the AWS command line, to show that it needs nothing but an endpoint; it never talks to AWS itself.
# Usage: test/gate/aws-cli/run.sh [path of the aws command]. Ends non-zero at the first answer that is not the expected one.
set -euo pipefail

aws_command=${1:-$(command -v aws)}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
node=$root/node_modules/.bin/node
[[ -x $node ]] || node=node

work=$(mktemp -d)
server=
stop() {
  [[ -z $server ]] || { kill "$server" 2>/dev/null && wait "$server" || true; }
  rm -rf "$work"
}
trap stop EXIT

"$node" --import "$root/infra/local/require-node-24.mjs" "$here/serve-local-aws.ts" >"$work/url" &
server=$!
for _ in {1..100}; do
  [[ -s $work/url ]] && break
  kill -0 "$server"
  sleep 0.1
done
endpoint=$(<"$work/url")
[[ $endpoint == http://127.0.0.1:* ]]

# Nothing of the caller's own AWS set-up: no profile, no credentials, no proxy, no pager.
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
export AWS_ENDPOINT_URL=$endpoint AWS_MAX_ATTEMPTS=1 NO_PROXY=127.0.0.1
unset AWS_PROFILE AWS_SESSION_TOKEN HTTP_PROXY HTTPS_PROXY http_proxy https_proxy

aws() { "$aws_command" --output text "$@"; }

fail() {
  echo "not ok $1" >&2
  exit 1
}

# expect NAME WANTED GOT
expect() {
  [[ $2 == "$3" ]] || { printf 'wanted: %s\ngot:    %s\n' "$2" "$3" >&2 && fail "$1"; }
  echo "ok $1"
}

# refused NAME ERROR COMMAND...
refused() {
  local name=$1 error=$2
  shift 2
  if aws "$@" >"$work/out" 2>"$work/error"; then fail "$name (was not refused)"; fi
  grep -q "($error)" "$work/error" || { cat "$work/error" >&2 && fail "$name"; }
  echo "ok $name: $error"
}

password=Correct-horse-9
context=purpose=provisioning,audience=accounts

# The world that the commands need.
pool=$(aws cognito-idp create-user-pool --pool-name accounts --username-configuration CaseSensitive=false \
  --schema Name=human_user_id,AttributeDataType=String,Mutable=false --query UserPool.Id)
client=$(aws cognito-idp create-user-pool-client --user-pool-id "$pool" --client-name machine --generate-secret \
  --explicit-auth-flows ALLOW_USER_PASSWORD_AUTH ALLOW_REFRESH_TOKEN_AUTH --query UserPoolClient.ClientId)
aws cognito-idp create-group --user-pool-id "$pool" --group-name service-user >/dev/null
key=$(aws kms create-key --query KeyMetadata.KeyId)
aws kms create-alias --alias-name alias/accounts --target-key-id "$key"
aws secretsmanager create-secret --name accounts/machine --secret-string '{"username":"ada"}' >/dev/null

expect "describe-user-pool-client" "machine 52" "$(
  read -r name secret < <(aws cognito-idp describe-user-pool-client --user-pool-id "$pool" --client-id "$client" \
    --query 'UserPoolClient.[ClientName,ClientSecret]')
  echo "$name ${#secret}"
)"
secret=$(aws cognito-idp describe-user-pool-client --user-pool-id "$pool" --client-id "$client" \
  --query UserPoolClient.ClientSecret)
hash=$(printf %s "ada$client" | openssl dgst -sha256 -hmac "$secret" -binary | openssl base64)

expect "admin-create-user --message-action SUPPRESS" "ada FORCE_CHANGE_PASSWORD" "$(
  aws cognito-idp admin-create-user --user-pool-id "$pool" --username Ada --message-action SUPPRESS \
    --user-attributes Name=custom:human_user_id,Value=42 --query 'User.[Username,UserStatus]' | tr '\t' ' '
)"
refused "admin-create-user of the same name" UsernameExistsException \
  cognito-idp admin-create-user --user-pool-id "$pool" --username ada --message-action SUPPRESS

expect "admin-add-user-to-group" "done" "$(
  aws cognito-idp admin-add-user-to-group --user-pool-id "$pool" --username ada --group-name service-user && echo done
)"
refused "admin-add-user-to-group of an unknown group" ResourceNotFoundException \
  cognito-idp admin-add-user-to-group --user-pool-id "$pool" --username ada --group-name nobody

expect "admin-set-user-password --permanent" "done" "$(
  aws cognito-idp admin-set-user-password --user-pool-id "$pool" --username ada --password "$password" --permanent &&
    echo done
)"
refused "admin-set-user-password outside the policy" InvalidPasswordException \
  cognito-idp admin-set-user-password --user-pool-id "$pool" --username ada --password weak --permanent

expect "initiate-auth --auth-flow USER_PASSWORD_AUTH" "Bearer 3600" "$(
  aws cognito-idp initiate-auth --auth-flow USER_PASSWORD_AUTH --client-id "$client" \
    --auth-parameters "USERNAME=ada,PASSWORD=$password,SECRET_HASH=$hash" \
    --query 'AuthenticationResult.[TokenType,ExpiresIn]' | tr '\t' ' '
)"
refused "initiate-auth without SECRET_HASH" NotAuthorizedException \
  cognito-idp initiate-auth --auth-flow USER_PASSWORD_AUTH --client-id "$client" \
  --auth-parameters "USERNAME=ada,PASSWORD=$password"

expect "admin-get-user" "ada CONFIRMED True 42" "$(
  aws cognito-idp admin-get-user --user-pool-id "$pool" --username ada --query \
    "[Username,UserStatus,Enabled,UserAttributes[?Name=='custom:human_user_id']|[0].Value]" | tr '\t' ' '
)"
expect "admin-list-groups-for-user" "service-user" "$(
  aws cognito-idp admin-list-groups-for-user --user-pool-id "$pool" --username ada --query 'Groups[].GroupName'
)"
expect "list-users --filter" "ada" "$(
  aws cognito-idp list-users --user-pool-id "$pool" --filter 'cognito:user_status = "CONFIRMED"' --query 'Users[].Username'
)"
expect "list-users, paged by the command line itself" "ada bob" "$(
  aws cognito-idp admin-create-user --user-pool-id "$pool" --username bob --message-action SUPPRESS >/dev/null
  aws cognito-idp list-users --user-pool-id "$pool" --page-size 1 --query 'Users[].Username' | tr '\n\t' '  ' | xargs
)"

printf %s "$password" >"$work/plaintext"
aws kms encrypt --key-id alias/accounts --plaintext "fileb://$work/plaintext" --encryption-context "$context" \
  --query CiphertextBlob | openssl base64 -d -A >"$work/sealed"
expect "kms encrypt and decrypt --encryption-context" "$password" "$(
  aws kms decrypt --key-id "$key" --ciphertext-blob "fileb://$work/sealed" --encryption-context "$context" \
    --query Plaintext | openssl base64 -d -A
)"
refused "kms decrypt under another context" InvalidCiphertextException \
  kms decrypt --key-id "$key" --ciphertext-blob "fileb://$work/sealed" --encryption-context purpose=other

expect "kms generate-data-key" "32" "$(
  aws kms generate-data-key --key-id alias/accounts --key-spec AES_256 --query Plaintext | openssl base64 -d -A | wc -c |
    tr -d ' '
)"
expect "sts get-caller-identity" "arn:aws:iam::123456789012:root" "$(aws sts get-caller-identity --query Arn)"

token() {
  AWS_ACCESS_KEY_ID=$1 aws sts get-web-identity-token --audience accounts other --signing-algorithm RS256 \
    --tags Key=body,Value=a/b+1= Key=id,Value=v1.x --query WebIdentityToken
}
expect "sts get-web-identity-token" "arn:aws:iam::123456789012:role/app accounts,other a/b+1= v1.x" "$(
  token ASIAROLE | cut -d. -f2 | "$node" -e '
    const { sub, aud, "https://sts.amazonaws.com/": said } = JSON.parse(Buffer.from(fs.readFileSync(0, "utf8"), "base64url"))
    console.log(sub, String(aud), said.request_tags.body, said.request_tags.id)'
)"
refused "sts get-web-identity-token by the root" AccessDenied \
  sts get-web-identity-token --audience accounts --signing-algorithm RS256
AWS_ACCESS_KEY_ID=ASIAOTHER refused "sts get-web-identity-token in an account that gives none" \
  OutboundWebIdentityFederationDisabledException sts get-web-identity-token --audience accounts --signing-algorithm RS256

expect "secretsmanager get-secret-value" '{"username":"ada"} AWSCURRENT' "$(
  aws secretsmanager get-secret-value --secret-id accounts/machine --query '[SecretString,VersionStages[0]]' | tr '\t' ' '
)"
expect "secretsmanager list-secrets --filters" "accounts/machine" "$(
  aws secretsmanager list-secrets --filters Key=name,Values=accounts --query 'SecretList[].Name'
)"
refused "secretsmanager get-secret-value of nothing" ResourceNotFoundException \
  secretsmanager get-secret-value --secret-id absent
refused "an operation that local AWS does not have" UnknownOperationException cognito-idp list-identity-providers \
  --user-pool-id "$pool"

curl --silent --fail "$endpoint/$pool/.well-known/jwks.json" >"$work/keys"
expect "the key set over HTTP" "2" "$(grep -o '"kid"' "$work/keys" | wc -l | tr -d ' ')"
