"""Pictures that people send: checked, then drawn anew, so that only pixels remain of the file.

Who needs pictures calls :func:`clean` and keeps what it returns, never the bytes that came in. The rules of what is
taken are pure and stand in :mod:`toli.core.domain.pictures`; decoding happens in ``redraw.py`` beside this file, in a
process that was given no key and no database.
"""

import hashlib
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from toli.core.domain.pictures import EDGE, MEGABYTE, MOST_BYTES, MOST_PIXELS, Header, Malformed, UnknownKind, header_of
from toli.core.errors import (
    PictureBroken,
    PictureKindUnknown,
    PictureMoves,
    PictureTooBig,
    PictureTooHeavy,
    Unavailable,
)

SECONDS = 20  # for one picture, waiting for the processor included
CONTENT_TYPE = "image/jpeg"
_PROGRAM = str(Path(__file__).with_name("redraw.py"))
_MOVES = 3  # its exit code for a moving picture
_turn = threading.Lock()  # one picture at a time in each process: decoders take much memory


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean JPEG. ``digest``: SHA-256 of ``data`` in hexadecimal, its name wherever it is kept."""

    data: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def clean(data: bytes, *, edge: int = EDGE) -> Picture:
    """The picture in ``data`` as pixels only: upright, on white, the longer side at most ``edge`` pixels.

    Raises:
        PictureTooHeavy: more bytes than are taken.
        PictureKindUnknown: neither JPEG nor PNG nor WebP, whatever it is called.
        PictureMoves: it has several frames.
        PictureTooBig: more pixels than are decoded.
        PictureBroken: cannot be read to its end.
        Unavailable: too many others are being read.
    """
    found = _checked(data)
    if not _turn.acquire(timeout=SECONDS):
        raise Unavailable
    try:
        drawn = _drawn(data, edge, MOST_PIXELS[found.kind])
    finally:
        _turn.release()
    return _believed(drawn, edge)


def _checked(data: bytes) -> Header:
    """What its header says, if it may be decoded."""
    if len(data) > MOST_BYTES:
        raise PictureTooHeavy(most=MOST_BYTES // MEGABYTE)
    try:
        found = header_of(data)
    except UnknownKind:
        raise PictureKindUnknown from None
    except Malformed:
        raise PictureBroken from None
    if found.moving:
        raise PictureMoves
    if found.is_too_large:
        raise PictureTooBig(width=found.width, height=found.height, most=MOST_PIXELS[found.kind] // 1_000_000)
    return found


def _drawn(data: bytes, edge: int, most_pixels: int) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", _PROGRAM, str(edge), str(most_pixels)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PictureBroken from None
    if done.returncode == _MOVES:
        raise PictureMoves
    if done.returncode:
        raise PictureBroken
    return done.stdout


def _believed(drawn: bytes, edge: int) -> Picture:
    """What the other process says is looked at as well: it has read what a stranger wrote."""
    try:
        header = header_of(drawn)
    except ValueError:
        raise PictureBroken from None
    if header.kind != "JPEG" or max(header.width, header.height) > edge:
        raise PictureBroken
    return Picture(drawn, header.width, header.height)
