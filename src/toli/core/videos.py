"""Videos that people send, by ffmpeg and ffprobe of the system: limited in time, in memory and in what they may open.

Files come from people, so nothing is left to their content: how a file is read is decided before, by its first bytes,
and only this one file is read. Playlists, other files and the network are out of reach.
"""

import json
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = ("ffmpeg", "ffprobe")
_ENDED = {255, -signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT}  # ffmpeg answers 255 when it is asked to end
SECONDS, PROBE_SECONDS = 1800, 20
MEMORY = 3_000_000  # kB of address space
_LIMITED = ("sh", "-c", f'ulimit -v {MEMORY} -t {4 * SECONDS}; exec nice -n 10 "$@"', "limited")
Progress = Callable[[float], None]


class VideoUnreadable(Exception):
    """The file cannot be read to its end, or not within the limits."""


class Interrupted(Exception):
    """Somebody ended the program; the file may be quite in order."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a file: sides as they are shown, upright."""

    width: int
    height: int
    seconds: float
    sound: bool


def missing() -> list[str]:
    """Which of the programs this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def probe(path: Path, kind: str) -> Found:
    """What the file holds. ``kind``: how it is read. Raises VideoUnreadable."""
    told = (
        *_LIMITED, "ffprobe", "-v", "error", *_source(path, kind), "-of", "json", "-show_entries",
        "stream=codec_type,width,height:stream_side_data=rotation:stream_tags=rotate:format=duration",
    )  # fmt: skip
    try:
        done = subprocess.run(told, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=True)
        return _found(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError, KeyError, TypeError, StopIteration):
        raise VideoUnreadable from None


def convert(
    path: Path,
    kind: str,
    target: Path,
    wanted: Sequence[str],
    *,
    more: Sequence[Path] = (),
    told: Progress | None = None,
) -> None:
    """Write ``target``. ``more``: pictures of our own that go in as further inputs. ``told``: hears seconds done.

    Raises VideoUnreadable, Interrupted.
    """
    inputs = [part for picture in more for part in ("-i", str(picture))]
    command = [
        *_LIMITED, "ffmpeg", "-nostdin", "-v", "error", "-y", "-xerror", "-progress", "pipe:1",
        *_source(path, kind), *inputs, "-threads", "2", *wanted, str(target),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    too_long = threading.Timer(SECONDS, give_up)
    too_long.start()
    try:
        for line in process.stdout or ():
            name, _equals, value = line.decode(errors="replace").strip().partition("=")
            if told and name == "out_time_us" and value.isdigit():
                told(int(value) / 1_000_000)
        ended = process.wait()
        if ended in _ENDED and not late.is_set():
            raise Interrupted
        if ended != 0:
            raise VideoUnreadable
    finally:
        too_long.cancel()
        process.kill()
        process.wait()


def frame(path: Path, target: Path, *, at: float, width: int) -> None:
    """Write one picture of a video of our own as JPEG. Raises VideoUnreadable."""
    wanted = ["-ss", f"{at:.2f}", "-frames:v", "1", "-vf", f"scale={width}:-2", "-map_metadata", "-1", "-q:v", "5"]
    convert(path, "mov", target, [*wanted, "-f", "mjpeg"])


def _source(path: Path, kind: str) -> tuple[str, ...]:
    return ("-protocol_whitelist", "file", "-f", kind, "-i", str(path))


def _found(told: Any) -> Found:
    streams = told["streams"]
    picture = next(item for item in streams if item.get("codec_type") == "video" and item.get("width"))
    sides = (int(picture["width"]), int(picture["height"]))
    if _turned(picture):
        sides = sides[1], sides[0]
    return Found(*sides, float(told["format"]["duration"]), any(item.get("codec_type") == "audio" for item in streams))


def _turned(picture: Any) -> bool:
    """Whether the telephone was held upright while its sensor lay on its side."""
    notes = [item.get("rotation") for item in picture.get("side_data_list", ())]
    turn = next((note for note in notes if note is not None), picture.get("tags", {}).get("rotate", 0))
    return abs(int(turn)) % 180 == 90
