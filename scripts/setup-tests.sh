#!/bin/sh
# Installs what the tests need on Debian and cannot get through cargo: a Redis server, Chromium with its driver
# (300 MB; not with GLEANER_NO_BROWSER set, which leaves the tests in a browser out) and PyMISP.
# What is already there is left alone. Prints what it does; needs root (or sudo) only when something is missing.
set -eu
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        echo "setup-tests: run as root once, or install by hand: $*" >&2
        exit 1
    fi
}

missing=""
command -v cc >/dev/null || missing="$missing build-essential"
command -v redis-server >/dev/null || missing="$missing redis-server"
if [ -z "${GLEANER_NO_BROWSER:-}" ]; then
    command -v chromium >/dev/null || missing="$missing chromium"
    command -v chromedriver >/dev/null || missing="$missing chromium-driver"
fi
python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
    echo "setup-tests: installing$missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    # The package starts a server; the tests start their own.
    case "$missing" in *redis-server*) as_root service redis-server stop >/dev/null 2>&1 || true ;; esac
fi

if ! .venv/bin/python -c 'import pymisp, feedparser' 2>/dev/null; then
    echo "setup-tests: PyMISP and feedparser into .venv"
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check pymisp feedparser
fi
