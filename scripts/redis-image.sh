#!/bin/sh
# Makes the image `gleaner-redis:test`, in which the tests run Redis: from the machine's redis-server and the
# libraries it needs, so that nothing has to be pulled. Installs Debian's package when it is missing and may;
# falls back to pulling `redis:7`. Does nothing when the image is there.
set -eu

image=gleaner-redis:test

if ! docker info >/dev/null 2>&1; then
    echo "no Docker daemon answers: the tests use redis-server from the PATH" >&2
    exit 0
fi
if docker image inspect "$image" >/dev/null 2>&1; then
    exit 0
fi

if ! command -v redis-server >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    # Debian's server is this package's redis-check-rdb under another name; so no service is installed.
    apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-tools >/dev/null || true
fi
server=$(command -v redis-server || command -v redis-check-rdb || true)
if [ -z "$server" ]; then
    echo "no redis-server here: pulling redis:7" >&2
    docker pull -q redis:7
    docker tag redis:7 "$image"
    exit 0
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/usr/bin" "$root/data" "$root/tmp"
cp -L "$server" "$root/usr/bin/redis-server"
# Lines of ldd: `name => /path (address)` or `/path (address)`.
ldd "$server" | sed -n 's/^.*=> \(\/[^ ]*\) .*$/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*$/\1/p' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
tar -C "$root" -c . | docker import \
    --change 'WORKDIR /data' --change 'EXPOSE 6379' \
    --change 'CMD ["/usr/bin/redis-server", "--protected-mode", "no", "--bind", "*"]' \
    - "$image" >/dev/null
echo "made $image from $server ($("$server" --version | sed 's/^\(.*v=[^ ]*\).*/\1/'))"
