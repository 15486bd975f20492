"""Cards and posters on paper, as PDF files: a card alone, A4 sheets of ten with marks to cut along, a page of A4 each.

The rows of a PNG file are what PDF calls Flate data with a PNG predictor (ISO 32000-1, 7.4.4.4): they are put into
the file as they are, with the palette beside them. So a sheet costs no drawing and no compressing. The pictures
have 297 dots per inch, which is what card printers print. Each is tagged as a figure with a text for readers aloud.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

MM = 72 / 25.4  # points
CARD = (85.6, 85.6 * 630 / 1000)  # millimetres
A4 = (210.0, 297.0)
COLUMNS, ROWS = 2, 5
PER_SHEET = COLUMNS * ROWS
GAPS = (4.0, 2.4)
MARK, OFF = 4.0, 1.2  # length of a cutting mark, and how far off the card it ends


@dataclass(frozen=True, slots=True)
class PaperCard:
    """``picture``: a PNG file with a palette. ``spoken``: what it says. ``mark``: printed below it, in ASCII."""

    picture: bytes
    spoken: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """What the file says of itself. ``line``: printed at the foot of each sheet, in ASCII."""

    title: str
    language: str
    line: str = ""


def write_card(out: BinaryIO, card: PaperCard, paper: Paper) -> None:
    """A PDF file of one page that is the card."""
    file = _File(out, paper)
    file.add_page((CARD[0], CARD[1]), [(card, (0.0, 0.0))], "")
    file.end()


def write_sheets(out: BinaryIO, cards: Iterable[PaperCard], paper: Paper) -> int:
    """A4 sheets of ten cards each, in order. Returns how many cards there are. Only one sheet is held in memory."""
    file = _File(out, paper)
    source, count, sheet = iter(cards), 0, 0
    while (ten := list(islice(source, PER_SHEET))) or not sheet:  # a file without any page cannot be opened
        count, sheet = count + len(ten), sheet + 1
        placed = list(zip(ten, places(), strict=False))
        file.add_page(A4, placed, _cutting_marks() + _labels(placed, f"{paper.line} {sheet}".strip()))
    file.end()
    return count


def write_pages(out: BinaryIO, pictures: Iterable[PaperCard], paper: Paper) -> None:
    """A page of A4 for each picture, which fills it. Only one is held in memory."""
    file = _File(out, paper)
    for picture in pictures:
        file.add_page(A4, [(picture, (0.0, 0.0))], "", shown=A4)
    file.end()


def places() -> list[tuple[float, float]]:
    """The lower left corners of the ten cards of a sheet, in millimetres from its own, in reading order."""
    left = (A4[0] - COLUMNS * CARD[0] - (COLUMNS - 1) * GAPS[0]) / 2
    low = (A4[1] - ROWS * CARD[1] - (ROWS - 1) * GAPS[1]) / 2
    return [
        (left + column * (CARD[0] + GAPS[0]), low + (ROWS - 1 - row) * (CARD[1] + GAPS[1]))
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


# -- what stands on a sheet besides cards -----------------------------------------------------------------


def _cutting_marks() -> str:
    """Fine lines outside of the cards, at both ends of each cut."""
    corners = places()
    xs = sorted({x + offset for x, _y in corners for offset in (0, CARD[0])})
    ys = sorted({y + offset for _x, y in corners for offset in (0, CARD[1])})
    lines = [(x, y, x, y + way * MARK) for x in xs for y, way in ((ys[0] - OFF, -1), (ys[-1] + OFF, 1))]
    lines += [(x, y, x + way * MARK, y) for y in ys for x, way in ((xs[0] - OFF, -1), (xs[-1] + OFF, 1))]
    strokes = [f"{_p(a)} {_p(b)} m {_p(c)} {_p(d)} l S" for a, b, c, d in lines]
    return "\n".join(["/Artifact BMC 0.4 w 0.35 G", *strokes, "EMC", ""])


def _labels(placed: Sequence[tuple[PaperCard, tuple[float, float]]], line: str) -> str:
    """The mark below each card, outside of the cut, and the line at the foot."""
    texts = [(x + 2, y - 1.9, 4.5, card.mark) for card, (x, y) in placed if card.mark]
    texts.append((places()[0][0] + 8, 3.2, 6, line))
    shown = [f"/F1 {size} Tf 1 0 0 1 {_p(x)} {_p(y)} Tm ({_ascii(text)}) Tj" for x, y, size, text in texts]
    return "\n".join(["/Artifact BMC BT 0.45 g", *shown, "ET EMC", ""])


def _p(millimetres: float) -> str:
    return f"{millimetres * MM:.2f}"


def _ascii(text: str) -> str:
    plain = text.encode("ascii", "replace").decode()
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


# -- the file ---------------------------------------------------------------------------------------------

_CATALOG, _PAGES, _FONT, _STRUCTURE, _INFO = range(1, 6)


class _File:
    """A PDF 1.7 file, written from its beginning to its end."""

    def __init__(self, out: BinaryIO, paper: Paper) -> None:
        self._out = out
        self._paper = paper
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._next = _INFO + 1
        self._pages: list[int] = []
        self._figures: list[int] = []
        self._parents: list[str] = []
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add_page(
        self,
        size: tuple[float, float],
        placed: Sequence[tuple[PaperCard, tuple[float, float]]],
        besides: str,
        *,
        shown: tuple[float, float] = CARD,
    ) -> None:
        """A page of ``size`` with pictures, ``shown`` so large, at places, all in millimetres, and drawing instructions
        below them."""
        page, content = self._new(), self._new()
        images = [self._image(card.picture) for card, _place in placed]
        figures = [self._figure(card.spoken, page, number) for number, (card, _place) in enumerate(placed)]
        names = " ".join(f"/I{number} {image} 0 R" for number, image in enumerate(images))
        width, height = _p(shown[0]), _p(shown[1])
        drawn = "".join(
            f"/Figure <</MCID {number}>> BDC q {width} 0 0 {height} {_p(x)} {_p(y)} cm /I{number} Do Q EMC\n"
            for number, (_card, (x, y)) in enumerate(placed)
        )
        self._stream(content, "", (besides + drawn).encode())
        self._object(
            page,
            f"<</Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 {_p(size[0])} {_p(size[1])}] /Contents {content} 0 R"
            f" /StructParents {len(self._pages)} /Tabs /S"
            f" /Resources <</XObject <<{names}>> /Font <</F1 {_FONT} 0 R>>>>>>",
        )
        self._parents.append(f"{len(self._pages)} [{' '.join(f'{figure} 0 R' for figure in figures)}]")
        self._pages.append(page)
        self._figures += figures

    def end(self) -> None:
        """What leads to everything before; nothing can follow."""
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._object(_PAGES, f"<</Type /Pages /Count {len(self._pages)} /Kids [{kids}]>>")
        self._object(_FONT, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")
        figures = " ".join(f"{figure} 0 R" for figure in self._figures)
        self._object(
            _STRUCTURE,
            f"<</Type /StructTreeRoot /K [{figures}] /ParentTree <</Nums [{' '.join(self._parents)}]>>"
            f" /ParentTreeNextKey {len(self._pages)}>>",
        )
        self._object(_INFO, f"<</Title {_text(self._paper.title)} /Producer (Toli)>>")
        self._object(
            _CATALOG,
            f"<</Type /Catalog /Pages {_PAGES} 0 R /Lang ({_ascii(self._paper.language)}) /MarkInfo <</Marked true>>"
            f" /StructTreeRoot {_STRUCTURE} 0 R /ViewerPreferences <</DisplayDocTitle true /PrintScaling /None>>>>",
        )
        start = self._at
        rows = [f"{self._offsets[number]:010d} 00000 n \n" for number in range(1, self._next)]
        self._put(f"xref\n0 {self._next}\n0000000000 65535 f \n{''.join(rows)}".encode())
        trailer = f"trailer\n<</Size {self._next} /Root {_CATALOG} 0 R /Info {_INFO} 0 R>>\nstartxref\n{start}\n%%EOF\n"
        self._put(trailer.encode())

    def _image(self, picture: bytes) -> int:
        number, parts = self._new(), dict(_chunks(picture))
        width, height = struct.unpack(">II", parts[b"IHDR"][:8])
        palette = parts[b"PLTE"]
        self._stream(
            number,
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8"
            f" /ColorSpace [/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
            f" /Filter /FlateDecode /DecodeParms <</Predictor 15 /Colors 1 /BitsPerComponent 8 /Columns {width}>>",
            parts[b"IDAT"],
        )
        return number

    def _figure(self, spoken: str, page: int, number: int) -> int:
        figure = self._new()
        self._object(
            figure,
            f"<</Type /StructElem /S /Figure /P {_STRUCTURE} 0 R /Pg {page} 0 R /K {number} /Alt {_text(spoken)}>>",
        )
        return figure

    def _new(self) -> int:
        self._next += 1
        return self._next - 1

    def _object(self, number: int, body: str) -> None:
        self._offsets[number] = self._at
        self._put(f"{number} 0 obj\n{body}\nendobj\n".encode())

    def _stream(self, number: int, facts: str, body: bytes) -> None:
        self._offsets[number] = self._at
        self._put(f"{number} 0 obj\n<<{facts} /Length {len(body)}>>\nstream\n".encode())
        self._put(body)
        self._put(b"\nendstream\nendobj\n")

    def _put(self, part: bytes) -> None:
        self._out.write(part)
        self._at += len(part)


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each part of a PNG file; ours have one of each kind."""
    at = 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12


def _text(words: str) -> str:
    """A text of any script, as PDF writes it: UTF-16 in hexadecimal."""
    return f"<{(chr(0xFEFF) + words).encode('utf-16-be', 'replace').hex()}>"
