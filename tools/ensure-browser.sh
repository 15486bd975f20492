#!/bin/sh
# Chromium and a Devanagari font for the browser tests, from Debian's packages when they are missing.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="chromium"
command -v fc-list >/dev/null 2>&1 || missing="$missing fontconfig"
fc-list :lang=hi 2>/dev/null | grep -q . || missing="$missing fonts-noto-core"
missing="${missing# }"
[ -n "$missing" ] || exit 0

give_up() {
    echo "The browser tests need these packages: $missing. $1" >&2
    echo 'All other tests run without them: make test BROWSER=no' >&2
    exit 1
}
command -v apt-get >/dev/null 2>&1 || give_up "Please install what your system has for them."
if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1; then as_root="sudo"; else
    give_up "Please have somebody who may do so run: apt-get install $missing"
fi
echo "The browser tests need these packages, which are being installed now: $missing" >&2
# shellcheck disable=SC2086  # several words on purpose
{
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
} || give_up "They could not be installed; apt-get says why above."
