"""A drive of 2,000 honest joinings with 300 invented ones among them: whom the figures hold.

The figures of docs/security/enrolment.md are computed here, from a fixed seed; a test fails when the page says else.
The drive is invented, too: it shows what the rules do with such a crowd, not how crowds are.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from toli.enrolment.domain.velocity import RULES, Enrolment, findings

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


def _held(crowd: list[Planted]) -> list[Planted]:
    """Whoever is held when they come one after the other and no case is decided meanwhile."""
    held, closed, before = [], set(), []
    for one in sorted(crowd, key=lambda planted: planted.fact.at):
        before.append(one.fact)
        keys = {"device": one.fact.device, "block": one.fact.block, "link": one.fact.link}
        near = [fact for fact in before if any(key and getattr(fact, part) == key for part, key in keys.items())]
        for found in findings(near, now=one.fact.at):
            if keys.get(found.holds) == found.key:
                closed.add((found.holds, found.key))
        if any((part, key) in closed for part, key in keys.items()):
            held.append(one)
    return held


def _rows() -> list[str]:
    random = Random(4)
    honest, bogus = _honest(random), _bogus(random)
    assert (len(honest), len(bogus)) == (2000, 300)
    held = _held(honest + bogus)
    rows = []
    for title, crowd in (("honest", honest), ("invented", bogus)):
        for kind in dict.fromkeys(one.crowd for one in crowd):
            here = sum(one.crowd == kind for one in held)
            rows.append(f"| {title} | {kind} | {sum(one.crowd == kind for one in crowd)} | {here} |")
        of_all = sum(one in crowd for one in held)
        rows.append(f"| **{title}** | **all** | **{len(crowd)}** | **{of_all}** |")
    return rows


def test_the_page_tells_what_the_figures_catch_and_whom_they_hold_wrongly():
    rows = _rows()
    assert [
        line for line in PAGE.read_text().splitlines() if line.startswith(("| honest", "| invented", "| **"))
    ] == rows


def test_the_page_tells_the_figures():
    spans = {timedelta(hours=1): "1 h", timedelta(days=1): "24 h", timedelta(days=7): "7 days"}
    rows = [f"| `{rule.name}` | {rule.times} | {spans[rule.per]} | {rule.why} |" for rule in RULES]
    assert [line for line in PAGE.read_text().splitlines() if line.startswith("| `")] == rows


def test_without_the_planted_people_nobody_on_their_own_phone_waits():
    honest = _honest(Random(4))
    assert {one.crowd for one in _held(honest)} <= {"firm"}
    assert not _held([replace(one, fact=replace(one.fact, block="")) for one in honest])
