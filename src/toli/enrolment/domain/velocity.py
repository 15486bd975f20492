"""How fast people may come in before somebody looks: the figures, each with its reason, and the counting.

Nothing here refuses anybody. What exceeds a figure is *held*: it waits for a person who checks it. Who came from the
same source before the figure was exceeded is *decided with them*: they go on undisturbed until then. So a figure need
not be low to catch a batch as a whole; it has to be so high that ordinary crowds pass. What is smaller than a figure is
left to the call-backs. What the figures catch, and whom they hold wrongly, is measured in docs/security/enrolment.md.

Addresses are not counted here. A mobile network in India puts hundreds of phones behind one address, a camp or a
cyber café all of its people; how many codes one address may ask for is bounded already (core/domain/limits.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NIGHT = (22, 5)  # from ten in the evening until five in the morning, by the clock of the place
CONFIRM_WITHIN = timedelta(days=1)  # who wanted to be a member has answered by then


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One enrolment, as little of it as counting needs. Keys are opaque; an empty one is not counted.

    ``at``: in the local time of the place. ``enroller``: who wrote them down, empty for those who join by themselves.
    ``device``: on which they joined or said yes. ``block``: of the number, all but its last three digits. ``name``:
    alike for names alike, digits left out. ``link``: the inviter's link that they came by. ``confirmed``: by a code on
    their own phone, or not asked for it yet.
    """

    at: datetime
    enroller: str = ""
    device: str = ""
    block: str = ""
    link: str = ""
    name: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``times`` in any span of ``per`` for each ``keyed_by``; of what exceeds it, ``holds`` is held.

    ``counts``: which enrolments count, given the present instant. ``share``: they must also be more than so many
    per cent of all enrolments of that key in the span; 0: their number alone decides.
    """

    name: str
    keyed_by: tuple[str, ...]
    holds: str
    times: int
    per: timedelta
    why: str
    counts: Callable[[Enrolment, datetime], bool] = lambda _enrolment, _now: True
    share: int = 0


def _assisted(enrolment: Enrolment, _now: datetime) -> bool:
    return bool(enrolment.enroller)


def _at_night(enrolment: Enrolment, _now: datetime) -> bool:
    return bool(enrolment.enroller) and (enrolment.at.hour >= NIGHT[0] or enrolment.at.hour < NIGHT[1])


def _never_confirmed(enrolment: Enrolment, now: datetime) -> bool:
    return bool(enrolment.enroller) and not enrolment.confirmed and now - enrolment.at >= CONFIRM_WITHIN


RULES = (
    Rule("enroller.hour", ("enroller",), "enroller", 60, HOUR,
         "Name, number and place of one person take a practised helper a minute and a half; one a minute, for a whole "
         "hour, is somebody who copies a list.", _assisted),
    Rule("enroller.day", ("enroller",), "enroller", 300, DAY,
         "Ten hours at a camp with a queue that never ends are about 250.", _assisted),
    Rule("enroller.night", ("enroller",), "enroller", 10, DAY,
         "Hardly anybody is enrolled between ten at night and five in the morning. A festival may be, a handful.",
         _at_night),
    Rule("enroller.unconfirmed", ("enroller",), "enroller", 20, WEEK,
         "Codes get lost, phones are switched off. Where more than half of those written down never answer within a "
         "day, most were not asked.", _never_confirmed, share=50),
    Rule("enroller.names", ("enroller", "name"), "enroller", 8, DAY,
         "The commonest full names belong to one person in fifty at most. Member 1, Member 2 count as one name.",
         _assisted),
    Rule("enroller.block", ("enroller", "block"), "enroller", 24, DAY,
         "People who come to one table have numbers from everywhere, those at the gate of a small firm two dozen in a "
         "row. More of one thousand are a list that somebody made up by counting on.",
         _assisted),
    Rule("device.hour", ("device",), "device", 12, HOUR,
         "A phone that goes round a family or a street corner serves a dozen people in an hour, whether they join by "
         "themselves or say yes to what a helper wrote down."),
    Rule("device.day", ("device",), "device", 40, DAY,
         "The computer of a cyber café, or a neighbour who helps the whole street."),
    Rule("device.names", ("device", "name"), "device", 4, DAY,
         "Namesakes at one phone happen in a large family, but not five times."),
    Rule("block.day", ("block",), "block", 24, DAY,
         "Numbers that follow each other are given out together: to the staff of a small firm, two dozen at most as a "
         "rule, or to somebody who bought a box of fifty or a hundred SIM cards. Chance brings hardly two in a day."),
    Rule("block.week", ("block",), "block", 40, WEEK,
         "The same, for somebody patient. The staff of a larger firm is checked once and released."),
    Rule("link.hour", ("link",), "link", 250, HOUR,
         "A link in a full chat group of a thousand brings so many in its first hour, when it goes well."),
)  # fmt: skip

LONGEST = max(rule.per for rule in RULES)


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure was exceeded: which, by whom, and the most that was counted in one span of it."""

    rule: str
    holds: str
    key: str
    count: int
    limit: int
    since: datetime
    until: datetime


def findings(enrolments: Iterable[Enrolment], *, now: datetime, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """Every figure that these enrolments exceed, by rule and key. The order of the enrolments does not matter."""
    known = sorted(enrolments, key=lambda enrolment: enrolment.at)
    return tuple(found for rule in rules for found in _broken(rule, known, now))


def _broken(rule: Rule, known: Sequence[Enrolment], now: datetime) -> Iterator[Finding]:
    groups: dict[tuple[str, ...], list[Enrolment]] = defaultdict(list)
    for enrolment in known:
        key = tuple(getattr(enrolment, part) for part in rule.keyed_by)
        if all(key):
            groups[key].append(enrolment)
    for key in sorted(groups):
        worst = _worst(rule, groups[key], now)
        if worst:
            held = key[rule.keyed_by.index(rule.holds)]
            yield Finding(rule.name, rule.holds, held, len(worst), rule.times, worst[0].at, worst[-1].at)


def _worst(rule: Rule, mine: Sequence[Enrolment], now: datetime) -> Sequence[Enrolment]:
    """The fullest span that exceeds the rule; empty when none does."""
    counted = [enrolment for enrolment in mine if rule.counts(enrolment, now)]
    worst: Sequence[Enrolment] = ()
    first = 0
    for last, enrolment in enumerate(counted):
        while enrolment.at - counted[first].at >= rule.per:
            first += 1
        span = counted[first : last + 1]
        if len(span) > max(rule.times, len(worst)) and _outweighs(rule, span, mine):
            worst = span
    return worst


def _outweighs(rule: Rule, span: Sequence[Enrolment], mine: Sequence[Enrolment]) -> bool:
    if not rule.share:
        return True
    same_time = sum(span[0].at <= enrolment.at <= span[-1].at for enrolment in mine)
    return len(span) * 100 > rule.share * same_time


def name_pattern(name: str) -> str:
    """What names are compared by: small letters, no digits, no signs, one blank between words."""
    return " ".join("".join(sign for sign in word if not sign.isdigit()) for word in name.casefold().split()).strip()


def block_of(phone: str) -> str:
    """The thousand numbers that this one (E.164) stands among."""
    return phone[:-3]
