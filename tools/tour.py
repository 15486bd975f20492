"""The guided tour: what it shows (tour.toml), pictures small enough for the repository, and the pages of docs/tour.

`make tour` takes the pictures with tests/e2e/test_tour.py, which has a stage, a server and a browser.
"""

import io
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

PAGES = Path(__file__).with_name("tour.toml")
LANGUAGES = ("en", "hi")
MOST_BYTES = 4_000_000  # the whole tour
WIDTH = {360: 360, 1280: 860}  # of the picture, for each width of the screen
QUALITIES = (62, 50, 40, 30, 22, 15)
WORDS = {
    "en": ("A tour of Toli", "Invented people in an invented place. Every page has English and Hindi.", "In Hindi"),
    "hi": ("Toli की सैर", "लोग और जगह काल्पनिक हैं। हर पेज हिन्दी और अंग्रेज़ी में है।", "अंग्रेज़ी में"),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the tour. ``said`` tells in each language what one does there."""

    route: str
    said: dict[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody's journey, on a screen of ``width`` pixels."""

    name: str
    title: dict[str, str]
    width: int
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What was taken: of which stop, its file in the language's folder, and the heading that is seen on it."""

    stop: Stop
    file: str
    heading: str


def roles() -> list[Role]:
    """The tour as it is planned."""
    plan = tomllib.loads(PAGES.read_text(encoding="utf-8"))
    return [
        Role(
            role["name"],
            {language: role[language] for language in LANGUAGES},
            role["width"],
            tuple(Stop(route, {"en": english, "hi": hindi}) for route, english, hindi in role["pages"]),
        )
        for role in plan["role"]
    ]


def without_a_page() -> frozenset[str]:
    """Addresses that show no page of their own."""
    return frozenset(tomllib.loads(PAGES.read_text(encoding="utf-8"))["no_page"])


def missing(routes: Iterable[str]) -> list[str]:
    """Pages that the tour leaves out."""
    toured = {stop.route for role in roles() for stop in role.stops}
    return sorted(set(routes) - toured - without_a_page())


def superfluous(routes: Iterable[str]) -> list[str]:
    """What the tour names and nobody finds any more, or what one role is shown twice."""
    found, known = set(without_a_page()) - set(routes), set(routes) - without_a_page()
    for role in roles():
        named = [stop.route for stop in role.stops]
        found |= {route for route in named if route not in known or named.count(route) > 1}
    return sorted(found)


def small(png: bytes, *, screen: int, most: int) -> bytes:
    """The picture as WebP in at most ``most`` bytes if any quality does that, else in the least there is."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    width = WIDTH[screen]
    picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= most:
            break
    return out.getvalue()


def share_of_a_picture() -> int:
    """How many bytes one picture may have, so that all of them together stay within MOST_BYTES."""
    return MOST_BYTES // (len(LANGUAGES) * sum(len(role.stops) for role in roles()))


def write(folder: Path, taken: Sequence[tuple[str, Role, Sequence[Picture]]]) -> None:
    """The pages around the pictures: an index for each language, and a page for each role."""
    for language in LANGUAGES:
        mine = [(role, pictures) for spoken, role, pictures in taken if spoken == language]
        (folder / language / "README.md").write_text("\n".join(_index(language, mine)), encoding="utf-8")
        for role, pictures in mine:
            (folder / language / f"{role.name}.md").write_text("\n".join(_page(language, role, pictures)), "utf-8")


def _index(language: str, mine: Sequence[tuple[Role, Sequence[Picture]]]) -> Iterator[str]:
    title, words, other = WORDS[language]
    yield from (f"# {title}", "", words, "")
    for role, pictures in mine:
        yield f"- [{role.title[language]}]({role.name}.md) ({len(pictures)})"
    yield from ("", f"[{other}](../{_other(language)}/README.md)", "")


def _page(language: str, role: Role, pictures: Sequence[Picture]) -> Iterator[str]:
    yield from (f"# {role.title[language]}", "", f"[{WORDS[language][0]}](README.md)", "")
    for number, picture in enumerate(pictures, start=1):
        yield from (f"## {number}. {picture.heading}", "", picture.stop.said[language], "")
        alt = f"{picture.heading}: {picture.stop.said[language]}".replace("[", "(").replace("]", ")")
        yield from (f"![{alt}]({picture.file})", "")


def _other(language: str) -> str:
    return next(other for other in LANGUAGES if other != language)
