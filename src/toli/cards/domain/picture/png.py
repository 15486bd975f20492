"""PNG files of pictures with a palette, whose unchanging rows were compressed beforehand.

One zlib stream holds the rows of all bands. A band that is the same on every card is compressed once, with a
full flush at its end, so that its bytes can stand in any stream (RFC 1950, RFC 1951, W3C PNG).
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ZLIB_HEADER = b"\x78\xda"
_END = b"\x03\x00"  # an empty last block
_ADLER = 65521
_DOTS_PER_METRE = 11682  # 1000 pixels on 85.6 mm


@dataclass(frozen=True, slots=True)
class Band:
    """Compressed rows: deflate blocks that end on a byte, with size and checksum of what they hold."""

    blocks: bytes
    size: int
    adler: int


def compress(rows: bytes, *, level: int) -> Band:
    """``rows``: for each the filter byte 0 and one byte for each pixel."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9)
    return Band(packer.compress(rows) + packer.flush(zlib.Z_FULL_FLUSH), len(rows), zlib.adler32(rows))


def joined_adler(first: int, second: int, size: int) -> int:
    """The Adler-32 checksum of two texts, from those of each and the size of the second."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + size * ((first & 0xFFFF) - 1)
    return (high % _ADLER) << 16 | low % _ADLER


def write(
    bands: Sequence[Band], *, width: int, height: int, palette: bytes, dots_per_metre: int = _DOTS_PER_METRE
) -> bytes:
    """The file. ``palette``: three bytes (red, green, blue) for each colour, 256 at most."""
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"pHYs", struct.pack(">IIB", dots_per_metre, dots_per_metre, 1)),
            _chunk(b"IDAT", stream(bands)),
            _chunk(b"IEND", b""),
        ]
    )


def stream(bands: Sequence[Band]) -> bytes:
    """The bands as one zlib stream."""
    adler = 1
    for band in bands:
        adler = joined_adler(adler, band.adler, band.size)
    return b"".join([_ZLIB_HEADER, *(band.blocks for band in bands), _END, struct.pack(">I", adler)])


def _chunk(kind: bytes, body: bytes) -> bytes:
    return b"".join([struct.pack(">I", len(body)), kind, body, struct.pack(">I", zlib.crc32(kind + body))])
