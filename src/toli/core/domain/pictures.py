"""What a picture says of itself in its first bytes, read before anything decodes it.

A file of some kilobytes may announce a picture of gigabytes, so size and kind are read from the headers alone:
JPEG (ITU-T T.81, annex B), PNG (W3C PNG, third edition, section 5), WebP (RFC 9649). Neither the name of a file
nor the type that a browser declares is looked at.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE  # a telephone's photograph has three to eight
MOST_SIDE = 20_000  # pixels
MOST_PARTS = 10_000  # before the pixels begin; cameras and programs write some dozens
EDGE = 1280  # pixels of the longer side of what we keep: sharp on every telephone, and what previews ask for

_PNG = b"\x89PNG\r\n\x1a\n"
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})  # JPEG markers that stand alone
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
_FILLING = re.compile(rb"\xff+")  # a marker may begin with any number of these


class Kind(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"


# What fits into 300 MB while it is decoded: a JPEG can be decoded at a fraction of its size, of a PNG with
# transparency there are two copies for a moment, and the decoder of WebP keeps three.
MOST_PIXELS: Mapping[Kind, int] = {Kind.JPEG: 40_000_000, Kind.PNG: 25_000_000, Kind.WEBP: 16_000_000}


class UnknownKind(ValueError):
    """Not one of the kinds of picture that are taken."""


class Malformed(ValueError):
    """It begins like a picture and does not go on like one."""


@dataclass(frozen=True, slots=True)
class Header:
    """``width`` and ``height`` in pixels as stored, before any turning; ``moving``: it has several frames."""

    kind: Kind
    width: int
    height: int
    moving: bool = False

    @property
    def is_too_large(self) -> bool:
        """Whether decoding it would need more memory than we give."""
        return max(self.width, self.height) > MOST_SIDE or self.width * self.height > MOST_PIXELS[self.kind]


def header_of(data: bytes) -> Header:
    """Kind and size of the picture in ``data``.

    Raises:
        UnknownKind: neither JPEG nor PNG nor WebP.
        Malformed: cut off, contradictory or without pixels.
    """
    if data.startswith(b"\xff\xd8\xff"):
        found = _jpeg(data)
    elif data.startswith(_PNG):
        found = _png(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = _webp(data)
    else:
        raise UnknownKind
    if found.width < 1 or found.height < 1:
        raise Malformed
    return found


def _jpeg(data: bytes) -> Header:
    """A second frame header is refused: decoders do not agree on which of them counts."""
    frames = [segment for marker, segment in _segments(data) if marker in _FRAMES]
    if len(frames) != 1 or len(frames[0]) < 5:
        raise Malformed
    return Header(Kind.JPEG, width=_big(frames[0][3:5]), height=_big(frames[0][1:3]))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment before the first scan."""
    at = 2
    for _segment in range(MOST_PARTS):
        filling = _FILLING.match(data, at)
        if filling is None:
            raise Malformed
        at = filling.end()
        marker = _byte(data, at)
        at += 1
        if marker == _SCAN:
            return
        if marker in _NO_LENGTH:
            continue
        length = _big(data[at : at + 2])
        if length < 2 or at + length > len(data) or marker == _END:
            raise Malformed
        yield marker, data[at + 2 : at + length]
        at += length
    raise Malformed


def _png(data: bytes) -> Header:
    if data[8:16] != b"\0\0\0\x0dIHDR" or len(data) < 33:
        raise Malformed
    return Header(Kind.PNG, _big(data[16:20]), _big(data[20:24]), moving=b"acTL" in _chunks_before_pixels(data))


def _chunks_before_pixels(data: bytes) -> set[bytes]:
    names: set[bytes] = set()
    at = 8
    for _chunk in range(MOST_PARTS):
        name = data[at + 4 : at + 8]
        if name == b"IDAT":
            return names
        if len(name) < 4:
            raise Malformed
        names.add(name)
        at += 12 + _big(data[at : at + 4])
    raise Malformed


def _webp(data: bytes) -> Header:
    """Simple, lossless or extended: the first chunk tells, and has the size."""
    name, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise Malformed
    if name == b"VP8X":
        return Header(Kind.WEBP, _little(body[4:7]) + 1, _little(body[7:10]) + 1, moving=bool(body[0] & 0x02))
    if name == b"VP8L" and body[0] == 0x2F:
        bits = _little(body[1:5])
        return Header(Kind.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return Header(Kind.WEBP, _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF)
    raise Malformed


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise Malformed
    return data[at]


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
