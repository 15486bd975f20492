"""Who is in a group, from what a person copied out of it. Pure.

WhatsApp tells no program who is in a group. Its people can copy three things: the list of participants (WhatsApp Web
shows it under the group's name), the lines about joining and leaving in an exported chat, and contact cards. People who
are saved in the copier's address book stand there by the name given to them, all others by their number.

What was copied is read in the languages of the app, English and Hindi. The dates in front of the lines of a chat follow
the telephone's settings; only their shape is looked at. A line counts as the app's own when nobody wrote it: it has no
sender (Android), or its sender is the one whom it tells of, or the group (iPhone). So nobody can write another one out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from toli.core.domain.phone import InvalidPhone, to_e164
from toli.members.domain.importing.vcards import read_cards


class Kind(StrEnum):
    """What was copied. Only a list names everybody; a chat tells of changes, a panel and cards may be cut off."""

    LIST = "list"
    PANEL = "panel"
    CHAT = "chat"
    CARDS = "cards"


class NothingRead(ValueError):
    """The text holds no participant in any form that is known."""


@dataclass(slots=True)
class Reading:
    """``numbers``: E.164. ``names``: as saved in the copier's telephone, how often each. ``gone_*``: who left.
    ``unread``: lines that look like a number and are none."""

    kind: Kind
    numbers: set[str] = field(default_factory=set)
    names: Counter[str] = field(default_factory=Counter)
    gone_numbers: set[str] = field(default_factory=set)
    gone_names: Counter[str] = field(default_factory=Counter)
    unread: int = 0

    @property
    def names_everybody(self) -> bool:
        """Whether somebody who is not in it is not in the group."""
        return self.kind is Kind.LIST

    @property
    def people(self) -> int:
        """How many are in the group by this, without the copier where a list calls them "You"."""
        return len(self.numbers) + self.names.total()


@dataclass(frozen=True, slots=True)
class Holder:
    """A seat in the group and its member. ``confirmed``: somebody has said before that they are in the group."""

    seat_id: int
    numbers: frozenset[str]
    name: str
    confirmed: bool


@dataclass(slots=True)
class Comparison:
    """Seats by what the reading says of them, and the numbers that belong to none.

    ``here``: found by number; ``here_by_name``: by a name that one seat alone bears. ``gone``: known to be no longer in
    the group. ``missing``: not found, but they may stand in the list under a name that only the copier knows.
    ``unknown_names``: people in the list who could not be told apart by name.
    """

    here: list[int] = field(default_factory=list)
    here_by_name: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    unknown_names: int = 0


_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_STAMP = re.compile(
    r"\[?\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*(?:[AaPp]\.?\s?[Mm]\.?|पूर्वाह्न|अपराह्न))?\]?"
    r"\s*(?:-\s+)?"
)
_NUMBER_LIKE = re.compile(r"\+?[\d\s().\-०-९\u00a0\u202f]{8,}\Z")
_ITEMS = re.compile(r"[,،、\n]")
_YOU = frozenset({"you", "आप"})
_AND = re.compile(r",\s*|\s+(?:and|और|तथा)\s+")

# Who came or went, in the words of the app: ``who`` are those whom the line tells of, ``by`` is the one who did it.
_JOINED = (
    re.compile(r"(?P<who>.+?) (?:joined|was added)\b"),
    re.compile(r"(?P<by>.+?) added (?P<who>.+)"),
    re.compile(r"(?:(?P<by>.+?) ने|आपने) (?P<who>.+?) को (?:ग्रुप में )?(?:जोड़ा|शामिल किया)"),
    re.compile(r"(?P<who>.+?) (?:को जोड़ा गया|(?:(?:इस )?(?:ग्रुप|समूह|आपके|कम्युनिटी).*)?(?:जुड़|शामिल हु))"),
)
_LEFT = (
    re.compile(r"(?P<who>.+?) (?:left|was removed)\b"),
    re.compile(r"(?P<by>.+?) removed (?P<who>.+)"),
    re.compile(r"(?:(?P<by>.+?) ने|आपने) (?P<who>.+?) को (?:ग्रुप से )?(?:हटा|निकाल)"),
    re.compile(r"(?P<who>.+?) ने (?:यह |इस )?(?:ग्रुप|समूह)(?: को)? छोड़"),
    re.compile(r"(?P<who>.+?) (?:(?:ग्रुप|समूह) से (?:बाहर|निकल)|को हटाया गया|निकल ग)"),
)


def read(text: str, *, group_name: str = "") -> Reading:
    """What ``text`` says about who is in the group called ``group_name``. Raises NothingRead."""
    lines = [line.strip() for line in _MARKS.sub("", text).splitlines()]
    lines = [line for line in lines if line]
    if any(line.upper() == "BEGIN:VCARD" for line in lines):
        reading = _read_cards(text)
    elif any(_STAMP.match(line) for line in lines):
        reading = _read_chat(lines, _plain(group_name))
    else:
        reading = _read_list(lines)
    if not (reading.people or reading.gone_numbers or reading.gone_names):
        raise NothingRead
    return reading


def compare(reading: Reading, holders: Sequence[Holder]) -> Comparison:
    """Hold the reading against the seats of the group.

    A name counts where exactly one seat bears it that was not found by number and exactly one line has it. Somebody who
    was confirmed and is not in a complete list has gone, unless they may be one of those whom nobody could name.
    """
    result = Comparison(unknown_names=reading.names.total())
    known: set[str] = set()
    rest: list[Holder] = []
    for holder in holders:
        known |= holder.numbers
        if holder.numbers & reading.numbers:
            result.here.append(holder.seat_id)
        elif holder.numbers & reading.gone_numbers:
            result.gone.append(holder.seat_id)
        else:
            rest.append(holder)
    bearers = Counter(_plain(holder.name) for holder in rest)
    for holder in rest:
        name = _plain(holder.name)
        alone = bearers[name] == 1
        if alone and reading.names[name] == 1:
            result.here_by_name.append(holder.seat_id)
            result.unknown_names -= 1
        elif alone and reading.gone_names[name] == 1:
            result.gone.append(holder.seat_id)
        else:
            result.missing.append(holder.seat_id)
    if reading.names_everybody and not result.unknown_names:
        missing = set(result.missing)
        gone = {holder.seat_id for holder in rest if holder.confirmed and holder.seat_id in missing}
        result.gone += sorted(gone)
        result.missing = [seat_id for seat_id in result.missing if seat_id not in gone]
    result.strangers = sorted(reading.numbers - known)
    return result


def _read_list(lines: Sequence[str]) -> Reading:
    """Names and numbers with commas between them; or the panel with one person on several lines."""
    commas = sum(len(re.findall("[,،、]", line)) for line in lines)
    if commas >= len(lines) - 1:
        return _take(Reading(Kind.LIST), _ITEMS.split("\n".join(lines)))
    numbers = [line for line in lines if _NUMBER_LIKE.match(line)]
    if len(numbers) == sum(_plain(line) not in _YOU for line in lines):
        return _take(Reading(Kind.LIST), lines)
    return _take(Reading(Kind.PANEL), numbers)


def _read_cards(text: str) -> Reading:
    reading = Reading(Kind.CARDS)
    for records in read_cards(iter(text.splitlines()), size=500):
        _take(reading, records.frame["phone"].to_list())
        reading.unread += len(records.problems)
    return reading


def _read_chat(lines: Iterable[str], group_name: str) -> Reading:
    """The app's own lines in their order: whoever came last is in, whoever went last is not."""
    reading = Reading(Kind.CHAT)
    for line in lines:
        stamp = _STAMP.match(line)
        if stamp is None:
            continue  # a message's second line
        for came, who in _told(line[stamp.end() :], group_name):
            _move(reading, who, came)
    return reading


def _told(line: str, group_name: str) -> list[tuple[bool, str]]:
    """Whom a line of the app tells of, and whether they came; nothing when somebody wrote the line."""
    sender, colon, body = line.partition(": ")
    said = _plain(body if colon else line).rstrip(".।")
    for patterns, came in ((_LEFT, False), (_JOINED, True)):
        for pattern in patterns:
            found = pattern.match(said)
            if found is None:
                continue
            groups = found.groupdict()
            who = _AND.split(groups["who"])
            if colon and _plain(sender) not in (group_name or None, groups.get("by") or who[0]):
                return []
            return [(came, person) for person in who]
    return []


def _move(reading: Reading, who: str, came: bool) -> None:
    if who in _YOU:
        return
    number = _number(who)
    if number:
        (reading.numbers if came else reading.gone_numbers).add(number)
        (reading.gone_numbers if came else reading.numbers).discard(number)
    elif not _NUMBER_LIKE.match(who):
        (reading.names if came else reading.gone_names)[who] = 1
        del (reading.gone_names if came else reading.names)[who]
    else:
        reading.unread += 1


def _take(reading: Reading, items: Iterable[str]) -> Reading:
    for item in chain.from_iterable(_ITEMS.split(item) for item in items):
        name = _plain(item)
        if not name or name in _YOU:
            continue
        number = _number(name)
        if number:
            reading.numbers.add(number)
        elif _NUMBER_LIKE.match(name):
            reading.unread += 1
        else:
            reading.names[name] += 1
    return reading


def _number(text: str) -> str | None:
    if not _NUMBER_LIKE.match(text):
        return None
    try:
        return to_e164(text)
    except InvalidPhone:
        return None


def _plain(text: str) -> str:
    """A name as it is compared: without marks of direction, the app's tilde, and differences of case and blanks."""
    return _SPACES.sub(" ", _MARKS.sub("", text)).strip().removeprefix("~").strip().casefold()
