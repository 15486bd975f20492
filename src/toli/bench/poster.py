"""How fast members' posters are drawn and how small they are, against the plain way; and whether the longest names fit.

The bare limit measured beside it is Pillow's encoder alone, on the same pixels: whatever draws a poster has to do that.
"""

import csv
import io
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import fontpkg
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFont

from toli.bench.result import Benchmark, BenchResult
from toli.cards.domain.picture import fonts
from toli.content.domain.poster import Area, PosterTemplate
from toli.sharing.domain import poster as drawing
from toli.sharing.domain.poster import Look, Person, Template

Advance = Callable[[int, int], None]
STANDARD = 1000
PLAIN = 20  # posters drawn the plain way
BUDGET_MS = 100
GOAL = {"posters_to_plain": 3.0, "max_ms_to_budget": 1.0, "max_bytes_to_limit": 1.0, "names_whole": 1.0}
LOOK = Look("सूची में अपना नाम जाँचें", "प्रकाशक: बेंच संघ, 1 उदाहरण मार्ग, नई दिल्ली", "#0e5566")
TEMPLATES = {"band": PosterTemplate(), "on_picture": PosterTemplate(Area(4, 70, 60, 24), "#fff1d0")}
PLACE = "बूथ 142 · रामपुर, उत्तर प्रदेश"
GIVEN = ("लक्ष्मीनारायण", "ज्ञानेश्वर", "Venkatanarasimha", "सूर्यप्रकाश", "Satyanarayana", "त्रैलोक्यमोहन", "विश्वम्भरनाथ")
FAMILY = ("क्षीरसागर", "Balasubramanian", "चट्टोपाध्याय", "त्रिपाठी", "Gangopadhyaya", "श्रीवास्तव", "कुलश्रेष्ठ")


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Draw ``size`` posters (standard 1,000) of the longest names in one process, half of them on the picture."""
    names = longest_names(size or STANDARD)
    picture, photo = _picture(), _photo()
    people = [_person(name, number, photo if number % 3 == 0 else b"") for number, name in enumerate(names)]
    templates = [drawing.make_template(LOOK, picture, plan, shown=True) for plan in TEMPLATES.values()]
    for template in templates:  # what belongs to no poster
        for kind in ("WEBP", "JPEG"):
            drawing.as_file(template, drawing.draw(template, people[0]), kind)
    fonts.forget()
    times, sizes, jpegs = [], [], []
    for number, person in enumerate(people):
        template = templates[number % 2]
        started = time.process_time()
        poster = drawing.draw(template, person)
        file = drawing.as_file(template, poster, "WEBP")
        times.append(1000 * (time.process_time() - started))
        sizes.append(len(file))
        jpegs.append(len(drawing.as_file(template, poster, "JPEG")) if number % 10 == 0 else 0)
    advance(1, 3)
    plain, bare = _plain(people[:PLAIN], picture), _bare(templates[0].image)
    advance(2, 3)
    whole, whole_on = (sum(is_whole(person, template) for person in people) for template in templates)
    advance(3, 3)
    ours = statistics.mean(times)
    measured: dict[str, Any] = {
        "posters": len(people),
        "posters_per_second_per_core": round(1000 / ours, 1),
        "milliseconds_per_poster": round(ours, 2),
        "milliseconds_p99": round(sorted(times)[int(len(times) * 0.99)], 2),
        "bytes_mean": round(statistics.mean(sizes)),
        "bytes_max": max(sizes),
        "jpeg_bytes_max": max(jpegs),
        "longest_name_letters": max(map(len, names)),
        "names_whole_in_the_band": whole,
        "names_whole_on_the_picture": whole_on,
    }
    against = {
        "plain_milliseconds_per_poster": round(plain, 1),
        "bare_encoding_milliseconds": round(bare, 2),
        "budget_milliseconds": BUDGET_MS,
        "bytes_limit": drawing.MOST_BYTES,
    }
    ratio = {
        "posters_to_plain": round(plain / ours, 2),
        "max_ms_to_budget": round(ours / BUDGET_MS, 3),
        "max_bytes_to_limit": round(max(*sizes, *jpegs) / drawing.MOST_BYTES, 3),
        "names_whole": (whole + whole_on) / (2 * len(people)),
        "bare_encoding_to_poster": round(bare / ours, 3),
    }
    return BenchResult("poster", measured, against, ratio, GOAL, _met(ratio))


def _met(ratio: dict[str, float]) -> bool:
    return all(
        ratio[name] <= limit if name.startswith("max_") else ratio[name] >= limit for name, limit in GOAL.items()
    )


def longest_names(count: int) -> list[str]:
    """Long names: real parts where the reference data are at hand and a font here has them, made ones otherwise."""
    random = Random(3)
    given, family = _parts()
    names = {f"{random.choice(given)} {random.choice(GIVEN)} {random.choice(family)}" for _number in range(count * 4)}
    return sorted(names, key=lambda name: (-len(name), name))[:count]


def _parts() -> tuple[Sequence[str], Sequence[str]]:
    """Given names and surnames, the longest of the data first; ours without them."""
    path = Path(os.environ.get("TOLI_TEST_SHARED_DATA", "../shared/data")) / "names" / "person_names.csv"
    if not path.is_file():
        made = [f"{first}{second}" for first in GIVEN for second in ("प्रसाद", "राव", "देवी", "kumar", "ammal")]
        return made, FAMILY
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if fonts.can_draw(row["name"])]
    longest = sorted(rows, key=lambda row: -len(row["name"]))
    return (
        [row["name"] for row in longest if row["kind"].startswith("given")][:150],
        [row["name"] for row in longest if row["kind"] == "family"][:150],
    )


def is_whole(person: Person, template: Template) -> bool:
    """Whether every letter of name and place is drawn, by a font that has it, with all its ink on the member's ground
    and beside the photo."""
    beside, room = drawing.rooms(template.member, with_photo=bool(person.photo))
    placed = drawing.lay_out(person.name, person.place, room)
    if not fonts.can_draw(person.name) or "".join(word.word for word in placed) != "".join(
        (person.name + person.place).split()
    ):
        return False
    lefts, tops, rights, bottoms = zip(*(word.extent for word in placed), strict=True)
    member = template.member
    return bool(
        min(lefts) >= (beside.left + beside.width if person.photo else member.left)
        and max(rights) <= room.left + room.width + 1
        and min(tops) >= member.top
        and max(bottoms) <= member.top + member.height
    )


def _person(name: str, number: int, photo: bytes) -> Person:
    address = f"toli.example.org/s/{number:010}"
    return Person(name, PLACE, photo, f"https://{address}", address)


def _picture() -> bytes:
    """Something like a photograph: large shapes, soft light and grain."""
    light = Image.radial_gradient("L").resize((1200, 900))
    grain = Image.effect_noise((1200, 900), 12)
    parts = [Image.blend(light.rotate(90 * number), grain, 0.25) for number in range(3)]
    picture = Image.merge("RGB", [part.resize((1200, 900)) for part in parts])
    draw = ImageDraw.Draw(picture)
    for number in range(12):
        draw.ellipse(
            (90 * number, 200, 90 * number + 160, 360 + 20 * number), fill=(200 - 9 * number, 90, 40 + 12 * number)
        )
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=86)
    return file.getvalue()


def _photo() -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((392, 472)).convert("RGB").save(file, "JPEG", quality=80)
    return file.getvalue()


# -- the plain way, and the bare limit -------------------------------------------------------------------


def _plain(people: Sequence[Person], picture: bytes) -> float:
    """Milliseconds for each poster by the first way that comes to mind: open, scale, write, save as PNG."""
    started = time.process_time()
    for person in people:
        shown = Image.open(io.BytesIO(picture)).convert("RGB").resize((1000, 750), Image.Resampling.LANCZOS)
        canvas = Image.new("RGB", (1000, 1134), "#0e5566")
        canvas.paste(shown, (0, 0))
        draw = ImageDraw.Draw(canvas)
        for text, size, top in ((person.name, 44, 770), (person.place, 30, 850), (person.address, 38, 980)):
            font = ImageFont.truetype(str(fontpkg.path(fonts.FAMILY)), size, layout_engine=ImageFont.Layout.RAQM)
            draw.text((40, top), text, font=font, fill="white")
        canvas.save(io.BytesIO(), "PNG")
    return 1000 * (time.process_time() - started) / len(people)


def _bare(image: Image.Image) -> float:
    """Milliseconds that encoding alone takes, with the settings of posters."""
    started = time.process_time()
    for _time in range(PLAIN):
        image.save(io.BytesIO(), "WEBP", quality=82, method=1)
    return 1000 * (time.process_time() - started) / PLAIN


BENCHMARK = Benchmark("poster", _("Drawing members' posters of long names, against the plain way."), run)
