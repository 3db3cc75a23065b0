#!/bin/sh
# Throws requests at `gleaner serve`, once with a token and once open: such as its own description of the API allows and
# forbids (schemathesis, installed into .venv when it is missing), then random ones (fuzz-requests.py, 5,000 each time).
# Holds that every answer is as described, none is a 5xx, and nothing panicked.
#
#     scripts/fuzz-api.sh [OPTION OF SCHEMATHESIS...]      e.g. --max-examples 1000
set -eu
cd "$(dirname "$0")/.."
gleaner=${GLEANER:-$PWD/target/debug/gleaner}
[ -x .venv/bin/python ] || python3 -m venv .venv
# As a module: the `pip` of a folder that was copied installs into the one it was copied from.
.venv/bin/python -c 'import schemathesis' 2>/dev/null ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check schemathesis
python=$PWD/.venv/bin/python
scripts=$PWD/scripts

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"feeds": []}' >feeds.json
"$gleaner" serve --new-token fuzzer >made
token=$(sed -n 's/^ *\(gleaner_[0-9a-f]*\)$/\1/p' made)
hash=$(sed -n 's/^.*"\(sha256:[0-9a-f]*\)"$/\1/p' made)

# Throws everything at a server with these further lines in its configuration; $2 is the token, or empty.
fuzz() {
    # Slow clients are to be met within the test's time. Previews of what is made up must not ask anybody: nothing
    # listens where the proxy should be.
    cat >config.toml <<CONFIG
[http]
proxy = "http://127.0.0.1:9"
[serve]
listen = "127.0.0.1:0"
rate_limit = 0
header_timeout = "2s"
request_timeout = "5s"
preview_timeout = "5s"
$1
CONFIG
    : >log # so that it can be read at once
    GLEANER_CONFIG=config.toml "$gleaner" serve 2>>log &
    server=$!
    address=
    for _ in $(seq 100); do
        address=$(sed -n 's/^.*address="\(http[^"]*\)".*$/\1/p' log)
        [ -z "$address" ] || break
        sleep 0.1
    done
    token=$2
    shift 2
    # No worker is there: of what was submitted nothing was made yet, so that its result is not found, as it should be.
    without=ensure_resource_availability
    if [ -n "$token" ]; then
        set -- -H "Authorization: Bearer $token" "$@"
    else
        without=$without,ignored_auth
    fi
    "$python" -m schemathesis.cli run "$address/api/v1/openapi.json" --exclude-checks "$without" "$@"
    "$python" "$scripts/fuzz-requests.py" "$address" --token "$token"
    if grep -q panicked log; then
        cat log >&2
        exit 1
    fi
    kill "$server"
    wait "$server"
    server=
    rm -rf gleaner-data
}

fuzz "tokens = { fuzzer = \"$hash\" }" "$token" "$@"
fuzz "" "" "$@"
