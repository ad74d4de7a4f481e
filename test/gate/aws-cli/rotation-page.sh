#!/usr/bin/env bash
# Plays the commands of docs/rotation.md, as they stand there, on a pair of `npm start`: a rotation that is broken comes back.
# Usage: test/gate/aws-cli/rotation-page.sh [path of the aws command]. In the mode of MODE, or in `password`.
set -euo pipefail

aws_command=${1:-$(command -v aws)}
root=$(cd "$(dirname "$0")/../../.." && pwd)
node=$root/node_modules/.bin/node
[[ -x $node ]] || node=node

work=$(mktemp -d)
pair=
stop() {
  [[ -z $pair ]] || { kill "$pair" 2>/dev/null && wait "$pair" || true; }
  rm -rf "$work"
}
trap stop EXIT

(cd "$root" && PORT_APP1=0 PORT_APP2=0 PORT_AWS=0 exec "$node" infra/local/start.ts --auth "${MODE:-password}") >"$work/log" 2>&1 &
pair=$!
for _ in {1..200}; do
  grep -q 'Ctrl-C' "$work/log" && break
  kill -0 "$pair"
  sleep 0.1
done

export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
export AWS_MAX_ATTEMPTS=1 NO_PROXY=127.0.0.1
AWS_ENDPOINT_URL=$(sed -n 's/.*AWS at \(http:[^ ]*\)$/\1/p' "$work/log")
export AWS_ENDPOINT_URL
unset AWS_PROFILE AWS_SESSION_TOKEN HTTP_PROXY HTTPS_PROXY http_proxy https_proxy

# What docs/deploy.md reads from the stack, `npm start` prints.
output() {
  case $1 in
    MachineSecretArn) grep -m 1 '^arn:aws:secretsmanager:' "$work/log" ;;
    MachineScopeClientId) aws cognito-idp list-user-pool-clients --user-pool-id "$POOL" --output text --query "UserPoolClients[?ClientName=='machine-scope'].ClientId" ;;
    UserPoolId) grep -m 1 -o 'us-east-1_[A-Za-z0-9]*' "$work/log" ;;
  esac
}
aws() { "$aws_command" "$@"; }

# block N: the page's Nth block of commands.
block() {
  awk -v wanted="$1" '/^ *```sh$/ { n += 1; inside = 1; next } /^ *```$/ { inside = 0 } inside && n == wanted' "$root/docs/rotation.md"
}

current() {
  aws secretsmanager get-secret-value --secret-id "$SECRET_ARN" --query VersionId --output text
}

# becomes NAME: waits until the version in use is another one than $before.
becomes() {
  for _ in {1..100}; do
    [[ $(current) != "$before" ]] && echo "ok $1" && return
    sleep 0.1
  done
  echo "not ok $1" >&2
  tail -5 "$work/log" >&2
  exit 1
}

# logged COUNT WORD: waits until the log has the word so often.
logged() {
  for _ in {1..200}; do
    [[ $(grep -c "$2" "$work/log") -ge $1 ]] && return
    sleep 0.1
  done
  echo "not ok the log has no $2" >&2
  exit 1
}

eval "$(block 1)"
before=$(current)
eval "$(block 2)" >"$work/versions"
becomes 'the first command rotates'

eval "$(block 3)" >/dev/null
logged 1 'current_signed_in\|current_token_issued'
echo 'ok --no-rotate-immediately tries the credentials in use'

if [[ ${MODE:-password} == password ]]; then
  SUB=$(sed -n 's/.*"operation":"testSecret".*"sub":"\([^"]*\)".*/\1/p' "$work/log" | head -1)
  before=$(current)
  eval "$(block 2)" >/dev/null
  becomes 'after a compromise: rotated'
  eval "$(block 4)"
  status=$(aws cognito-idp admin-get-user --user-pool-id "$POOL" --username "$SUB" --query Enabled --output text)
  [[ $status == False ]] && echo 'ok after a compromise: the user that was in use is disabled'
else
  eval "$(block 5)"
  echo 'ok after a compromise: the older client secret is deleted'
fi

# Somebody writes the secret by hand, and no rotation can end any more.
aws secretsmanager put-secret-value --secret-id "$SECRET_ARN" --secret-string '{}' >/dev/null
until aws secretsmanager rotate-secret --secret-id "$SECRET_ARN" >/dev/null 2>"$work/refused"; do
  # The label of the last rotation is on a version that is not current any more.
  logged 1 version_was_current
done
logged 1 secret_malformed
if aws secretsmanager rotate-secret --secret-id "$SECRET_ARN" >/dev/null 2>"$work/refused"; then exit 1; fi
grep -q "A previous rotation isn't complete" "$work/refused"
logged 2 secret_malformed
echo 'ok a rotation that is not over is attempted again, and no other begins'

eval "$(block 6)" >/dev/null
before=$(current)
eval "$(block 7)" >/dev/null
becomes 'back to the version before and ended by hand, the next rotation takes its place'

aws secretsmanager cancel-rotate-secret --secret-id "$SECRET_ARN" >/dev/null
before=$(current)
eval "$(block 8)" >/dev/null
becomes 'switched on, it rotates at once'

eval "$(grep -m 1 '^curl .*/create-service-user' "$work/log")" | grep -q '"provisioning_id"'
echo 'ok App1 goes on serving'
