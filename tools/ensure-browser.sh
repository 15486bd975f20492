#!/bin/sh
# Chromium and a Devanagari font for the browser tests, from Debian's packages when they are missing.
set -eu
if command -v chromium >/dev/null 2>&1 && fc-list :lang=hi 2>/dev/null | grep -q .; then
    exit 0
fi
if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1; then as_root="sudo"; else
    echo "Please install the packages chromium, fontconfig and fonts-noto-core; the browser tests need them." >&2
    exit 1
fi
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
    chromium fontconfig fonts-noto-core >/dev/null
