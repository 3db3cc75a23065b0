#!/bin/sh
# Throws requests made from the API's own description at `gleaner serve` (schemathesis, installed into .venv when it is
# missing), and holds that every answer is as described, none is a 5xx, and nothing panicked.
#
#     scripts/fuzz-api.sh [OPTION OF SCHEMATHESIS...]      e.g. --max-examples 1000
set -eu
cd "$(dirname "$0")/.."
gleaner=${GLEANER:-$PWD/target/debug/gleaner}
[ -x .venv/bin/python ] || python3 -m venv .venv
# As a module: the `pip` of a folder that was copied installs into the one it was copied from.
.venv/bin/python -c 'import schemathesis' 2>/dev/null ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check schemathesis
schemathesis=$PWD/.venv/bin/schemathesis

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"feeds": []}' >feeds.json
"$gleaner" serve --new-token fuzzer >made
token=$(sed -n 's/^ *\(gleaner_[0-9a-f]*\)$/\1/p' made)
hash=$(sed -n 's/^.*"\(sha256:[0-9a-f]*\)"$/\1/p' made)
printf '[serve]\nlisten = "127.0.0.1:0"\nrate_limit = 0\n[serve.tokens]\nfuzzer = "%s"\n' "$hash" >config.toml
: >log
GLEANER_CONFIG=config.toml "$gleaner" serve 2>log &
server=$!
address=
for _ in $(seq 100); do
    address=$(sed -n 's/^.*address="\(http[^"]*\)".*$/\1/p' log)
    [ -z "$address" ] || break
    sleep 0.1
done
"$schemathesis" run "$address/api/v1/openapi.json" -H "Authorization: Bearer $token" "$@"
if grep -q panicked log; then
    cat log >&2
    exit 1
fi
