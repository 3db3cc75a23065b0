#!/bin/sh
# Runs a command with REDIS_URL set to a Redis server of its own (append-only file on), which ends with it.
#
#     scripts/with-redis.sh COMMAND [ARGUMENT...]
set -eu
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" --appendonly yes --save '' >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT INT TERM
tries=0
until redis-cli -p "$port" ping >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then cat "$folder/log" >&2; exit 1; fi
    sleep 0.1
done
REDIS_URL="redis://127.0.0.1:$port/0" "$@"
