"""A program of its own: decodes one picture from standard input and writes it, drawn anew, to standard output.

Decoders read what strangers made, in C, and have had holes. So they do not work in our processes, which hold keys
and a connection to the database: :mod:`toli.core.images` starts this file by its path, without our environment, and
limits on memory and time hold before the first byte is read. It imports nothing of ours, and we do not import it.

What comes out is a JPEG of pixels only: turned upright, in sRGB, on white, no larger than asked for, and without
anything that was written beside the pixels. Exits with 0, with 3 for a moving picture, with anything else for
one that cannot be read.
"""

import io
import resource
import sys
import warnings
from contextlib import suppress

from PIL import (
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

MEMORY = 1024**3  # bytes of address space, libraries included
SECONDS = 10  # of computing
MOST_BYTES = 500_000  # of the result: what chat apps still show in a preview, and a slow network carries
QUALITIES = (86, 78, 68, 56)
MOVING = 3
# Loaded before the limits hold, because nothing can be opened afterwards; Tiff is the form of the notes of cameras.
NEEDED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
Image.preinit()


def confine() -> None:
    """Take away what decoding does not need: memory, time, files and connections of any kind, core dumps.

    Without a free descriptor neither a file nor a socket can be opened, and no other program can load its libraries.
    """
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def main(edge: int, most_pixels: int) -> int:
    """Redraw so that the longer side has at most ``edge`` pixels. Returns the exit code."""
    confine()
    data = sys.stdin.buffer.read()
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # it is raised only at twice the size by itself
    Image.MAX_IMAGE_PIXELS = most_pixels
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
        # Telephones write a second, hidden picture behind the first (MPO): the first is the photograph.
        if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
            return MOVING
        drawn = _upright(picture, edge)
    sys.stdout.buffer.write(_encoded(drawn))
    return 0


def _upright(picture: Image.Image, edge: int) -> Image.Image:
    """The pixels in RGB, as they are meant to be seen."""
    profile = picture.info.get("icc_profile")
    picture.draft("RGB", (edge, edge))  # a JPEG is then decoded at a fraction of its size
    shrunk = _plain_mode(picture)
    shrunk.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=3.0)
    with suppress(Exception):  # notes that cannot be read turn nothing; the pixels are good
        ImageOps.exif_transpose(shrunk, in_place=True)
    seen = _to_srgb(_on_white(shrunk), profile)
    clean = Image.new("RGB", seen.size)  # has no info of any kind, unlike what was read
    clean.paste(seen)
    return clean


def _plain_mode(picture: Image.Image) -> Image.Image:
    """Modes that cannot be made smaller smoothly become ones that can."""
    if picture.mode in {"I", "I;16", "I;16B", "I;16L"}:
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if "transparency" in picture.info or picture.mode in {"PA", "LA", "La", "RGBa"}:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode in {"P", "1", "HSV", "LAB"} else picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the profile means them; a profile that does not fit is left out."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            seen = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return seen or picture.convert("RGB")
    return picture.convert("RGB")


def _encoded(picture: Image.Image) -> bytes:
    """As fine as fits into the bytes we want to send; the coarsest in any case."""
    data = b""
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        data = file.getvalue()
        if len(data) <= MOST_BYTES:
            break
    return data


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
