#!/bin/sh
# ffmpeg for the tests of videos, from Debian's packages where that may be done. Without it they are skipped, and say so.
set -eu
command -v ffmpeg >/dev/null 2>&1 && command -v ffprobe >/dev/null 2>&1 && exit 0
skipped() {
    echo "The tests of videos are skipped: $1" >&2
    exit 0
}
command -v apt-get >/dev/null 2>&1 || skipped "please install ffmpeg."
[ "$(id -u)" = 0 ] || skipped "please have somebody who may do so run: apt-get install ffmpeg"
echo "The tests of videos need ffmpeg, which is being installed now." >&2
{
    apt-get update -qq &&
        env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg >/dev/null
} || skipped "it could not be installed; apt-get says why above."
