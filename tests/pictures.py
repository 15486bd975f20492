"""Pictures for tests: honest ones, and ones that carry a secret or lie about themselves."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, PngImagePlugin

CANARY = "qCANARYq26.8467N80.9462E"
SECRET = CANARY.encode()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
Make = Callable[[], bytes]


def picture(
    kind: str = "JPEG", *, size: tuple[int, int] = (320, 200), colour: object = "teal", **options: object
) -> bytes:
    """A plain picture of one colour with a red corner, top left."""
    image = Image.new("RGB", size, colour)
    image.paste((220, 0, 0), (0, 0, size[0] // 4, size[1] // 4))
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """Notes of a telephone: maker, description, where it was, which way up."""
    found = Image.Exif()
    found[0x010E] = found[0x010F] = found[0x9286] = CANARY  # description, maker, comment
    found[0x0112] = orientation
    found.get_ifd(0x8825).update({1: "N", 2: (26.0, 50.0, 48.0), 29: CANARY})  # GPS
    return found


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def into_png(data: bytes, *chunks: bytes) -> bytes:
    """Chunks put in behind the header."""
    return data[:33] + b"".join(chunks) + data[33:]


def into_jpeg(data: bytes, marker: int, body: bytes) -> bytes:
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def into_webp(data: bytes, name: bytes, body: bytes) -> bytes:
    """A chunk put in at the end of an extended file."""
    grown = data[8:] + name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(grown)) + grown


def jpeg_with_everything() -> bytes:
    data = picture("JPEG", exif=exif(), comment=SECRET, xmp=XMP,
                   icc_profile=profile())  # fmt: skip
    data = into_jpeg(data, 0xED, b"Photoshop 3.0\0" + SECRET)
    return into_jpeg(data, 0xEB, SECRET)


def png_with_everything() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", CANARY)
    texts.add_text("Comment", CANARY, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    data = picture("PNG", pnginfo=texts, exif=exif(), icc_profile=profile())
    return into_png(data, png_chunk(b"prVt", SECRET))


def webp_with_everything() -> bytes:
    data = picture("WEBP", exif=exif().tobytes(), xmp=XMP, icc_profile=profile())
    return into_webp(data, b"prVt", SECRET)


def profile() -> bytes:
    """A colour profile that says more than colours: its name is the canary."""
    from PIL import ImageCms

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data += SECRET
    data[0:4] = struct.pack(">I", len(data))
    return bytes(data)


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "green")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes that announces any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def png_bomb(side: int) -> bytes:
    """A true PNG: ``side`` x ``side`` pixels of one colour, packed as well as can be."""
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    body = _packed_zeros(side * (1 + 4 * side))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def _packed_zeros(count: int) -> bytes:
    """As ``zlib.compress`` packs so many zeros, without the seconds it takes: one packed piece, again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % (1 << 20))) + packer.flush()
    checksum = (count % 65_521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + piece * (count >> 20) + rest + struct.pack(">I", checksum)


def jpeg_that_says(width: int, height: int) -> bytes:
    data = picture("JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def webp_that_says(width: int, height: int) -> bytes:
    body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    rest = picture("WEBP")[12:]
    grown = b"WEBPVP8X" + struct.pack("<I", 10) + body + rest
    return b"RIFF" + struct.pack("<I", len(grown)) + grown
