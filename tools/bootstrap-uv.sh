#!/bin/sh
# uv into .tools/, with nothing but Python: the files named by their hashes in tools/uv.txt and no others.
# pip comes from Python or, where it is missing, from Debian's own signed packages.
set -eu
if ! python3 -m pip --version >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Python's pip is missing: installing python3-pip ..." >&2
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-pip >/dev/null
    else
        echo "Python's pip is missing. Install it (Debian: sudo apt-get install python3-pip) and try again." >&2
        exit 1
    fi
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --require-hashes --no-deps --only-binary :all: --upgrade --target .tools --requirement tools/uv.txt || {
    echo "uv was not installed: its files could not be fetched, or are not the ones that tools/uv.txt names." >&2
    exit 1
}
touch .tools/bin/uv
