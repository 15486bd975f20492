"""A drive of 2,000 honest joinings with 300 invented ones among them: whom the figures hold.

The figures of docs/security/enrolment.md are computed here, from a fixed seed; a test fails when the page says else.
The drive is invented, too: it shows what the rules do with such a crowd, not how crowds are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from toli.enrolment.domain.sampling import chance_to_meet
from toli.enrolment.domain.velocity import RULES, Enrolment, Finding, Rule, findings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security" / "enrolment.md"
START = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAYS = 5
BLOCKS = 60_000  # of a thousand numbers, in a state of sixty million
COMMON, NAMES = 40, 3000


@dataclass(frozen=True)
class Planted:
    """A joining, and which kind of crowd it belongs to."""

    fact: Enrolment
    crowd: str


def _moment(random: Random) -> datetime:
    return START + timedelta(days=random.randrange(DAYS), minutes=random.randrange(13 * 60))


def _name(random: Random) -> str:
    """A third of people bear one of forty names."""
    return f"n{random.randrange(COMMON) if random.random() < 0.33 else random.randrange(NAMES)}"


def _honest(random: Random) -> list[Planted]:
    found = []
    for number in range(1100):  # each on a phone of their own, some by a friend's link
        link = f"l{random.randrange(40)}" if random.random() < 0.4 else ""
        found.append(Planted(_fact(random, f"own{number}", link=link), "own phone"))
    for family in range(100):  # four on the family's phone, one after the other
        at = _moment(random)
        found += [
            Planted(_fact(random, f"family{family}", at=at + timedelta(minutes=4 * one)), "family phone")
            for one in range(4)
        ]
    for cafe in range(10):  # a computer that twenty people use in a day
        day = START + timedelta(days=random.randrange(DAYS))
        found += [
            Planted(_fact(random, f"cafe{cafe}", at=day + timedelta(minutes=random.randrange(720))), "cyber café")
            for _one in range(20)
        ]
    for firm in range(6):  # numbers in a row, in the lunch hour
        at = START + timedelta(days=firm % DAYS, hours=4)
        found += [
            Planted(_fact(random, f"firm{firm}-{one}", at=at + timedelta(minutes=one * 4), block=f"firm{firm}"), "firm")
            for one in range(20)
        ]
    for full in range(6):  # a link in a full group: 30 in ten minutes
        at = START + timedelta(days=full % DAYS, hours=6)
        found += [
            Planted(
                _fact(random, f"full{full}-{one}", at=at + timedelta(seconds=20 * one), link=f"full{full}"),
                "full group",
            )
            for one in range(30)
        ]
    return found


def _bogus(random: Random) -> list[Planted]:
    found = []
    for farm in range(2):  # one phone, 75 numbers bought at a market
        at = START + timedelta(days=farm, hours=2)
        found += [
            Planted(_fact(random, f"farm{farm}", at=at + timedelta(minutes=2 * one)), "one phone") for one in range(75)
        ]
    at = START + timedelta(days=3, hours=5)  # a box of SIM cards, the cookie deleted each time
    found += [
        Planted(_fact(random, f"box{one}", at=at + timedelta(minutes=3 * one), block=f"box{one // 50}"), "box of SIMs")
        for one in range(100)
    ]
    for slow in range(5):  # ten a day on each of five phones, by hand
        found += [
            Planted(_fact(random, f"slow{slow}", at=START + timedelta(hours=one)), "slow hand") for one in range(10)
        ]
    return found


def _fact(random: Random, device: str, *, at: datetime | None = None, block: str = "", link: str = "") -> Enrolment:
    block = block or f"b{random.randrange(BLOCKS)}"
    return Enrolment(at or _moment(random), device=device, block=block, link=link, name=_name(random), confirmed=True)


@dataclass
class Caught:
    """Whoever waits, and whoever came before and is decided with them."""

    held: list[Planted]
    before: list[Planted]


def _caught(crowd: list[Planted], rules: Sequence[Rule], parts: Sequence[str]) -> Caught:
    """When they come one after the other and no case is decided meanwhile."""
    caught, closed, passed = Caught([], []), set(), []
    for one in sorted(crowd, key=lambda planted: planted.fact.at):
        keys = {part: getattr(one.fact, part) for part in parts}
        near = [
            other for other in passed
            if any(key and getattr(other.fact, part) == key for part, key in keys.items())
        ]  # fmt: skip
        for found in findings([one.fact, *(other.fact for other in near)], now=one.fact.at, rules=rules):
            if keys.get(found.holds) == found.key:
                closed.add((found.holds, found.key))
                _reach_back(caught, near, found)
        passed.append(one)
        if any((part, key) in closed for part, key in keys.items()):
            caught.held.append(one)
    return caught


def _reach_back(caught: Caught, near: list[Planted], found: Finding) -> None:
    known = {id(one) for one in (*caught.held, *caught.before)}
    for other in near:
        of_batch = getattr(other.fact, found.holds) == found.key and found.since <= other.fact.at <= found.until
        if of_batch and id(other) not in known:
            caught.before.append(other)


def _rows(caught: Caught, crowds: dict[str, list[Planted]]) -> list[str]:
    rows = []
    for title, crowd in crowds.items():
        for kind in dict.fromkeys(one.crowd for one in crowd):
            held, before = (sum(one.crowd == kind for one in found) for found in (caught.held, caught.before))
            rows.append(f"| {title} | {kind} | {sum(one.crowd == kind for one in crowd)} | {held} | {before} |")
        own = {id(one) for one in crowd}
        held, before = (sum(id(one) in own for one in found) for found in (caught.held, caught.before))
        rows.append(f"| **{title}** | **all** | **{len(crowd)}** | **{held}** | **{before}** |")
    return rows


def _told(heading: str) -> list[str]:
    """The rows of the table below a heading of the page."""
    part = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith(("| honest", "| invented", "| **"))]


DRIVE = [rule for rule in RULES if rule.holds != "enroller"]
TABLE = [rule for rule in RULES if rule.holds == "enroller"]
SOURCES = ("device", "block", "link")


def test_the_page_tells_what_the_figures_catch_and_whom_they_hold_wrongly():
    random = Random(4)
    honest, bogus = _honest(random), _bogus(random)
    assert (len(honest), len(bogus)) == (2000, 300)
    caught = _caught(honest + bogus, DRIVE, SOURCES)
    assert _told("A drive with planted fraud") == _rows(caught, {"honest": honest, "invented": bogus})


def _at_table(random: Random, helper: str, at: datetime, block: str = "") -> Enrolment:
    block = block or f"b{random.randrange(BLOCKS)}"
    return Enrolment(at, enroller=helper, block=block, name=_name(random), confirmed=True)


def _camps(random: Random) -> dict[str, list[Planted]]:
    """What helpers write down in one day."""
    honest, bogus = [], []
    for helper in range(8):  # a table at a market, ten hours
        moments = [START + timedelta(minutes=random.randrange(600)) for _one in range(120)]
        honest += [Planted(_at_table(random, f"table{helper}", at), "table") for at in moments]
    for _one in range(220):  # the queue at a meeting, from morning to night
        at = START + timedelta(minutes=random.randrange(660))
        honest.append(Planted(_at_table(random, "meeting", at), "meeting"))
    for helper in range(2):  # at the gate of a firm: 20 with numbers in a row
        gate = [START + timedelta(hours=8, minutes=3 * one) for one in range(20)]
        honest += [Planted(_at_table(random, f"gate{helper}", at, block=f"firm{helper}"), "gate") for at in gate]
    copied = [START + timedelta(hours=2, seconds=20 * one) for one in range(200)]  # a list, three a minute
    bogus += [Planted(_at_table(random, "copier", at), "copied list") for at in copied]
    night = [START + timedelta(hours=14, minutes=4 * one) for one in range(40)]  # after the day's work
    bogus += [Planted(_at_table(random, "night", at), "at night") for at in night]
    counted = [START + timedelta(hours=2, minutes=2 * one) for one in range(60)]  # numbers by counting on
    bogus += [Planted(_at_table(random, "counter", at, block="made-up"), "counted on") for at in counted]
    patient = [START + timedelta(minutes=15 * one) for one in range(40)]  # four an hour, out of a telephone book
    bogus += [Planted(_at_table(random, "patient", at), "patient") for at in patient]
    return {"honest": honest, "invented": bogus}


def test_the_page_tells_what_is_held_at_camps():
    crowds = _camps(Random(5))
    caught = _caught([one for crowd in crowds.values() for one in crowd], TABLE, ("enroller",))
    assert _told("A camp with planted fraud") == _rows(caught, crowds)


def _chances() -> list[str]:
    few, many = (50, 2050), (200, 2200)
    rows = []
    for calls in (20, 60, 200):
        shares = [round(100 * chance_to_meet(wrong, frame, calls)) for wrong, frame in (few, many)]
        rows.append(f"| {calls} | {shares[0]} % | {shares[1]} % |")
    return rows


def test_the_page_tells_how_likely_calls_find_what_counting_does_not():
    part = PAGE.read_text().split("## What only calling finds\n")[1]
    assert [line for line in part.splitlines() if line.startswith("| ") and line.endswith(" % |")] == _chances()


def test_the_page_tells_the_figures():
    spans = {timedelta(hours=1): "1 h", timedelta(days=1): "24 h", timedelta(days=7): "7 days"}
    rows = [f"| `{rule.name}` | {rule.times} | {spans[rule.per]} | {rule.why} |" for rule in RULES]
    assert [line for line in PAGE.read_text().splitlines() if line.startswith("| `")] == rows


def test_without_the_planted_people_nobody_on_their_own_phone_waits():
    caught = _caught(_honest(Random(4)), DRIVE, SOURCES)
    assert (caught.held, caught.before) == ([], [])
