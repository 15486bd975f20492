"""Tiny videos for tests, made by ffmpeg itself where it is installed."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

CANARY = "Canary-Camera-9000"
PLACE = "+28.6139+077.2090/"
needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="ffmpeg is not installed: tools/ensure-ffmpeg.sh"
)


@cache
def video(
    *, size: str = "160x120", seconds: float = 0.5, kind: str = "mp4", sound: bool = True, turned: bool = False
) -> bytes:
    """A moving test pattern with a tone, and with notes about place and device."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "video")
        tone = ["-f", "lavfi", "-i", f"sine=d={seconds}"] if sound else []
        codecs = ["-c:v", "libvpx", "-c:a", "libvorbis"] if kind == "webm" else ["-c:v", "libx264", "-c:a", "aac"]
        notes = ["-metadata", f"location={PLACE}", "-metadata", f"make={CANARY}", "-metadata", f"title={CANARY}"]
        run("-f", "lavfi", "-i", f"testsrc=s={size}:r=10:d={seconds}", *tone, *codecs, *notes, "-pix_fmt", "yuv420p",
            "-movflags", "use_metadata_tags", "-f", kind, str(path))  # fmt: skip
        if turned:
            flat = path.rename(path.with_suffix(".flat"))
            _turn(flat, path)
        return path.read_bytes()


def run(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)


def _turn(flat: Path, path: Path) -> None:
    """Note that it is to be shown on its side, in the words of whichever version is installed."""
    known = subprocess.run(["ffmpeg", "-v", "error", "-h", "full"], capture_output=True, check=True).stdout
    if b"-display_rotation" in known:
        run("-display_rotation", "90", "-i", str(flat), "-c", "copy", "-f", "mp4", str(path))
    else:
        run("-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90", "-f", "mp4", str(path))
