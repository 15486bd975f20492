"""Videos of kits: which are taken, and how each platform gets its own. Pure.

Limits are the platforms' own, as of 2026: WhatsApp 16 MB; Telegram 50 MB by a bot; a reel on Instagram 9:16 and up to
90 seconds; all of them play H.264 with AAC. YouTube and Facebook take the video as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toli.content.domain.media import room_for_label

MEGABYTE = 1024 * 1024
MOST_BYTES = 50 * MEGABYTE
MOST_SECONDS = 300
MOST_SIDE = 4096
MOST_CAPTIONS = 100 * 1024
SOUND = 96  # kbit/s
_CAPTION = re.compile(r"^(\d+:)?\d\d:\d\d\.\d{3} +--> +(\d+:)?\d\d:\d\d\.\d{3}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Look:
    """What a video is like, upright."""

    width: int
    height: int
    seconds: float
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """One platform's video. ``edge``: the longer side at most. ``canvas``: exactly this size instead.

    ``rate``: kbit/s of the picture at most; less where the bytes would not do.
    """

    code: str
    most_bytes: int
    rate: int
    edge: int = 0
    canvas: tuple[int, int] | None = None
    most_seconds: float = MOST_SECONDS

    def takes(self, look: Look) -> bool:
        """Whether a video of this length is made for the platform."""
        return look.seconds <= self.most_seconds


PROFILES: Sequence[Profile] = (
    Profile("whatsapp", 16 * MEGABYTE, 1500, edge=1280),
    Profile("reel", 50 * MEGABYTE, 3500, canvas=(720, 1280), most_seconds=90),
    Profile("full", 50 * MEGABYTE, 4000, edge=1920),
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the picture is drawn: ``inner`` is its size in a canvas of ``width`` by ``height``, from ``left``, ``top``.

    ``band``: rows at the foot for the label of AI.
    """

    width: int
    height: int
    inner: tuple[int, int]
    left: int = 0
    top: int = 0
    band: int = 0

    @property
    def label_share(self) -> float:
        return self.band / self.height


def kind_of(head: bytes) -> str | None:
    """How a file has to be read, by its content: ``mov`` (MP4, QuickTime, 3GP), ``matroska`` (WebM). None: no video."""
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide"}:
        return "mov"
    return "matroska" if head[:4] == b"\x1a\x45\xdf\xa3" else None


def is_captions(text: str) -> bool:
    """Whether it is a WebVTT file with something in it."""
    return text.lstrip("\ufeff").startswith("WEBVTT") and _CAPTION.search(text) is not None


def draw(look: Look, profile: Profile, *, with_ai: bool) -> Drawing:
    """Where everything stands. The whole picture is always seen; the label, if there is one, is a tenth of the area."""
    if profile.canvas is None:
        inner = _fitted(look, profile.edge, profile.edge)
        band = _even(room_for_label(inner[1])) if with_ai else 0
        return Drawing(inner[0], inner[1] + band, inner, band=band)
    width, height = profile.canvas
    band = _even(-(-height // 10)) if with_ai else 0
    inner = _fitted(look, width, height - band, enlarge=True)
    return Drawing(width, height, inner, (width - inner[0]) // 2, (height - band - inner[1]) // 2, band)


def rate_of(look: Look, profile: Profile, *, share: float = 0.92) -> int:
    """kbit/s of the picture with which the video stays below the limit; ``share``: of what fits."""
    room = profile.most_bytes * 8 / 1000 * share / max(look.seconds, 1) - SOUND
    return max(60, min(profile.rate, int(room)))


def filters(drawing: Drawing) -> str:
    """The picture, and the label of AI from the second input where there is a band for it."""
    inner, outer = f"{drawing.inner[0]}:{drawing.inner[1]}", f"{drawing.width}:{drawing.height}"
    chain = f"[0:v:0]scale={inner},setsar=1,pad={outer}:{drawing.left}:{drawing.top}:black"
    return f"{chain}[seen];[seen][1:v]overlay=0:{drawing.height - drawing.band}" if drawing.band else chain


def encoding(drawing: Drawing, rate: int) -> list[str]:
    """What ffmpeg is told: one picture, one sound, nothing else of the file; no place, no device, no titles."""
    return [
        "-filter_complex", filters(drawing) + "[out]", "-map", "[out]", "-map", "0:a:0?", "-sn", "-dn",
        "-map_metadata", "-1", "-map_chapters", "-1", "-fpsmax", "30", "-shortest",
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p",
        "-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k",
        "-c:a", "aac", "-b:a", f"{SOUND}k", "-ac", "2", "-ar", "44100",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
        "-movflags", "+faststart", "-f", "mp4",
    ]  # fmt: skip


# The pixels and the sound as they came, and nothing else of the file.
STRIPPING = (
    "-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
    "-c", "copy", "-fflags", "+bitexact", "-f", "matroska",
)  # fmt: skip


def _fitted(look: Look, width: int, height: int, *, enlarge: bool = False) -> tuple[int, int]:
    scale = min(width / look.width, height / look.height)
    if not enlarge:
        scale = min(scale, 1.0)
    return _even(look.width * scale), _even(look.height * scale)


def _even(number: float) -> int:
    """H.264 halves both sides for colours."""
    return max(2, round(number / 2) * 2)
