"""Messy files of our own, as telephones, offices and old computers write them; every number is made up.

Each is a name, its bytes, how many rows stand in it, and what becomes of them: ``made``, ``known``, and refused ones by
reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.factories import make_phone

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
HINDI = "नाम;मोबाइल नंबर;बूथ कोड;भाषा"


@dataclass(frozen=True)
class Messy:
    name: str
    content: bytes
    expected: Mapping[str, int]


def number(serial: int) -> str:
    return make_phone(700 + serial)


def spellings() -> list[str]:
    """One number after another, each in another spelling; the last cells hold two or none."""
    plain = [number(serial)[3:] for serial in range(12)]
    return [
        f"+91{plain[0]}", f"+91 {plain[1][:5]} {plain[1][5:]}", f"0{plain[2]}", f"0091-{plain[3]}", f"91{plain[4]}",
        plain[5].translate(DEVANAGARI), f"({plain[6][:3]}) {plain[6][3:]}", f"{plain[7][:5]}\u00a0{plain[7][5:]}",
        f"\u200e{plain[8]}", f"{plain[9]} / {plain[10]}", f"{plain[9]}, {plain[10]}", f"{plain[11]};{plain[0]}",
        "9.8E+09", "98765", "nil", "",
    ]  # fmt: skip


def rows(*lines: str, end: str = "\n") -> str:
    return end.join((*lines, ""))


def people(sign: str, *, header: str, first: int, count: int = 3) -> str:
    names = ("सुनीता देवी", "Ravi Kumar", "मोहन लाल")
    lines = (sign.join((names[at % 3], number(first + at), "A1", "hi")) for at in range(count))
    return rows(header, *lines, end="\r\n")


def wide() -> str:
    header = ",".join(["Name", "Mobile", "Booth Code", *(f"Column {at}" for at in range(197))])
    return rows(header, ",".join(["Asha", number(60), "A1", *["x"] * 197]), f"Usha,{number(61)},A1")


def cards() -> str:
    def card(version: str, *lines: str) -> str:
        return rows("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", end="\r\n")

    return (
        card("2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E0=A4=A6=E0=A5=87=E0=A4=B5=E0=A5=80;=",
             "=E0=A4=B0=E0=A4=AE=E0=A4=BE;;;", f"TEL;HOME:{number(70)}", f"TEL;CELL:{number(71)}")
        + card("3.0", "FN:Mo", " han Rao", f"TEL;TYPE=CELL:{number(72)}",
               "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", " SkZJRg==")
        + card("4.0", "FN:Asha", f"TEL;VALUE=uri:tel:{number(73)}", "X-SOMETHING:else")
        + card("3.0", "FN:Nobody")
        + rows("BEGIN:VCARD", "FN:Torn", end="\r\n")
    )  # fmt: skip


def files() -> list[Messy]:
    """All of them."""
    spelt = rows("name|phone|territory", *(f"Member|{cell}|A1" for cell in spellings()))
    quoted = (
        f'name,phone,territory\n"Devi,\nSunita",{number(30)},A1\n\n   \n"He said ""yes""",{number(31)},A1\n"torn,1,A1\n'
    )
    ragged = rows(
        "name,phone,territory", f"Ravi,{number(32)}", f"Usha,{number(33)},A1,,", f"Lata,{number(34)},A1,more", "Om"
    )
    double = rows(
        "name,phone,territory", f"Asha,{number(40)},A1", f"Asha D,0{number(40)[3:]},A1", f"Om,{number(41)},A1"
    )
    odd = rows(
        "name,phone,territory", f"क्\u200dषमा,{number(50)},A1", f"  Ravi \u00a0 Kumar ,{number(51)},A1",
        f"\u202eivaR,{number(52)},A1", f"=HYPERLINK(\"http://x\"),{number(53)},A1", f"@SUM(A1),{number(54)},A1",
        f"12345,{number(55)},A1",
    )  # fmt: skip
    plain = people(";", header=HINDI, first=20)
    latin = rows("name;phone;territory", f"José;{number(26)};A1", f"Zoë;{number(27)};A1")
    tabs = people("\t", header="Name\tMobile\tBooth Code\tLanguage", first=28, count=2)
    return [
        Messy("utf-8 with a mark, semicolons, Hindi headings", plain.encode("utf-8-sig"), {"made": 3}),
        Messy("utf-16, the same people", plain.encode("utf-16"), {"known": 3}),
        Messy("windows-1252", latin.encode("cp1252"), {"made": 2}),
        Messy("tabs", tabs.encode(), {"made": 2}),
        Messy("spellings of numbers, bars", spelt.encode(), {"made": 9, "phone_invalid": 7}),
        Messy("quotes and empty lines", quoted.encode(), {"made": 2, "row_broken": 1}),
        Messy("ragged rows", ragged.encode(), {"made": 2, "too_many_cells": 1, "phone_invalid": 1}),
        Messy("doubles", double.encode(), {"made": 2, "phone_twice": 1}),
        Messy("joiners, odd spaces, formulas", odd.encode(), {"made": 2, "name_invalid": 4}),
        Messy("200 columns", wide().encode(), {"made": 2}),
        Messy("contact cards of three versions", cards().encode(), {"made": 3, "phone_invalid": 1, "card_broken": 1}),
    ]
