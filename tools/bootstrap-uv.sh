#!/bin/sh
# uv into .tools/, with nothing but Python: by pip where it is there, else with Debian's package of it.
set -eu
if ! python3 -m pip --version >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-pip >/dev/null
    else
        echo "Python's pip is missing. Install it (Debian: sudo apt-get install python3-pip) and try again." >&2
        exit 1
    fi
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv
