#!/bin/sh
# Passes the tests on a fresh Debian machine with a Rust toolchain: installs what they need, then runs them.
# Arguments go to the test runner.
set -eu
cd "$(dirname "$0")/.."
scripts/setup-tests.sh
GLEANER_PYTHON="$PWD/.venv/bin/python"
export GLEANER_PYTHON
# With Docker the Redis of the tests runs in a container, of an image made from Debian's packages.
if docker info >/dev/null 2>&1; then
    scripts/redis-image.sh || echo "test: no Redis image; the tests use redis-server from the PATH" >&2
fi
if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run --locked "$@"
fi
exec cargo test --locked "$@"
