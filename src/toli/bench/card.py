"""How fast cards are drawn and how small they are, against the plain way; and whether every QR code can be read."""

import io
import statistics
import time
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

import fontpkg
import segno
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont

from toli.bench.result import Benchmark, BenchResult
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace, Grade
from toli.cards.domain.picture import CardFacts, Look, Words, draw_card
from toli.core import clock

Advance = Callable[[int, int], None]
STANDARD = 1000
PLAIN = 20  # cards drawn the plain way for each part of ours: a twentieth of them
QUALITY = 40
MOST_BYTES = 120_000
SEED = b"benchmark of card".ljust(32, b".")
GOAL = {"cards_to_plain": 3.0, "qr_read": 1.0, "max_bytes_to_limit": 1.0}
FIRST = ("सुनीता", "रमेश", "लक्ष्मीनारायण", "Gurpreet", "इमरान", "Venkatanarasimha", "फ़ातिमा", "कृष्णा", "ज्ञानेश्वर", "Mary")
MIDDLE = ("", "", "देवी", "कुमार", "Satyanarayana", "सूर्यप्रकाश", "बेगम")
LETTERS = "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह"
SIGNS = ("", "ा", "ि", "ी", "ु", "े", "ो", "्र", "ं")
WORDS = Words("सदस्यता कार्ड · Membership card", "सदस्य संख्या", "कब तक मान्य", "जाँचने के लिए स्कैन करें", "नकली लगे? यहाँ जाँचें")
LOOK = Look("बेंच संघ", "#0e5566", "toli.example.org/verify", WORDS)


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Draw ``size`` cards (standard 1,000) in one process, then read each from a JPEG of quality 40."""
    import zxingcpp  # only this needs it, and only where Toli is developed: missing, it is told before the work

    random = Random(1)
    facts = [_facts(random) for _number in range(size or STANDARD)]
    draw_card(LOOK, facts[0])  # the plate, which belongs to no card
    started = time.process_time()
    files = [draw_card(LOOK, item) for item in facts]
    ours = (time.process_time() - started) / len(files)
    advance(1, 3)
    few = facts[:: max(1, len(facts) * PLAIN // STANDARD)][:PLAIN]
    started = time.process_time()
    plain_files = [_plain(item) for item in few]
    plain = (time.process_time() - started) / len(few)
    advance(2, 3)
    read = sum(_read(zxingcpp.read_barcode, file) == item.address for file, item in zip(files, facts, strict=True))
    advance(3, 3)
    sizes = [len(file) for file in files]
    measured: dict[str, Any] = {
        "cards": len(files),
        "cards_per_second_per_core": round(1 / ours),
        "milliseconds_per_card": round(1000 * ours, 2),
        "bytes_mean": round(statistics.mean(sizes)),
        "bytes_max": max(sizes),
        "qr_version": _version(facts[0].address),
        "qr_characters": max(len(item.address) for item in facts),
        "qr_read_from_jpeg": read,
    }
    against = {
        "plain_cards_per_second_per_core": round(1 / plain, 1),
        "plain_bytes_mean": round(statistics.mean(map(len, plain_files))),
        "bytes_limit": MOST_BYTES,
    }
    ratio = {
        "cards_to_plain": round(plain / ours, 2),
        "qr_read": read / len(files),
        "max_bytes_to_limit": round(max(sizes) / MOST_BYTES, 3),
    }
    return BenchResult("card", measured, against, ratio, GOAL, _met(ratio))


def _met(ratio: dict[str, float]) -> bool:
    return all(
        ratio[name] <= limit if name.startswith("max_") else ratio[name] >= limit for name, limit in GOAL.items()
    )


def _facts(random: Random) -> CardFacts:
    """A card with a surname that no other has, so that kept words help no more than they do in life."""
    surname = "".join(random.choice(LETTERS) + random.choice(SIGNS) for _ in range(random.randint(2, 5)))
    number = card_codec.new_number()
    face = CardFace(number, clock.today(), 1, Grade.PRIMARY, f"S24-AC034-B{random.randint(1, 400):04d}")
    return CardFacts(
        name=" ".join(f"{random.choice(FIRST)} {random.choice(MIDDLE)} {surname}".split()),
        places=(("बूथ", f"{random.randint(1, 400)} · रामपुर"), ("विधानसभा", "रामपुर"), ("राज्य", "उत्तर प्रदेश")),
        number=card_codec.shown(number),
        until="31 दिसंबर 2028",
        address="HTTPS://TOLI.EXAMPLE.ORG" + card_codec.encode(face, card_codec.sign(face, SEED)),
    )


def _version(address: str) -> int:
    return int(segno.make_qr(address, error="m", boost_error=False).version)


def _read(reader: Callable[[Image.Image], Any], file: bytes) -> str:
    """What a reader that is not ours finds in the card after it went through a JPEG of quality 40."""
    squeezed = io.BytesIO()
    Image.open(io.BytesIO(file)).convert("RGB").save(squeezed, "JPEG", quality=QUALITY)
    found = reader(Image.open(squeezed))
    return str(found.text) if found else ""


# -- the plain way ---------------------------------------------------------------------------------------


def _plain(facts: CardFacts) -> bytes:
    """The same facts by the first way that comes to mind: a canvas, text, segno's picture, Pillow's PNG."""
    canvas = Image.new("RGB", (1000, 630), "#fffdf8")
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, 1000, 136), fill=LOOK.colour)
    draw.rectangle((0, 514, 1000, 630), fill="#f4f0e7")
    _write(draw, LOOK.organisation, (144, 30), 38, 700, "white")
    _write(draw, WORDS.title, (144, 80), 22, 400, "white")
    _write(draw, facts.name, (44, 160), 54, 700, "#16252c")
    for row, (label, value) in enumerate(facts.places):
        _write(draw, label, (44, 260 + 41 * row), 24, 400, "#43555f")
        _write(draw, value, (180, 260 + 41 * row), 24, 600, "#16252c")
    for x, label, value in (
        (44, WORDS.number, facts.number),
        (352, WORDS.until, facts.until),
        (650, WORDS.check, LOOK.site),
    ):
        _write(draw, label, (x, 535), 20, 400, "#43555f")
        _write(draw, value, (x, 570), 26, 700, "#16252c")
    code = io.BytesIO()
    segno.make_qr(facts.address, error="m").save(code, kind="png", scale=6, border=4)
    canvas.paste(Image.open(code).convert("RGB"), (638, 160))
    file = io.BytesIO()
    canvas.save(file, "PNG")
    return file.getvalue()


def _write(draw: ImageDraw.ImageDraw, text: str, at: Sequence[int], size: int, weight: int, colour: str) -> None:
    draw.text((at[0], at[1]), text, font=_font(size, weight), fill=colour)


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(fontpkg.path("Noto Sans Devanagari")), size, layout_engine=ImageFont.Layout.RAQM)
    font.set_variation_by_axes([weight, 100])
    return font


BENCHMARK = Benchmark("card", _("Drawing cards, against the plain way; each QR code is read by another reader."), run)
