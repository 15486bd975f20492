"""Whether something may be sent to a place at a moment: the law engine.

Pure: no clock, no database, no network. Rules L1 to L8: docs/algorithms/law.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from toli.compliance.domain.channels import ASSISTED, POLITICAL, SMS, why_barred
from toli.territories.domain.paths import branches_above


class Purpose(StrEnum):
    """What people agreed to. ``SECURITY``: codes that they asked for themselves. ``ANSWER``: to what they wrote."""

    MEMBERSHIP = "membership"
    CONTENT = "content"
    SECURITY = "security"
    ANSWER = "answer"


PURPOSES = frozenset(Purpose)


class Rule(StrEnum):
    """Why something may not be sent. Stored with every refusal: never renamed."""

    PLACE_UNKNOWN = "place_unknown"
    CHANNEL_BARRED = "channel_barred"
    CONSENT_PURPOSE = "consent_purpose"
    KIT_NOT_CLEARED = "kit_not_cleared"
    KIT_WITHDRAWN = "kit_withdrawn"
    KIT_EXPIRED = "kit_expired"
    CERTIFICATE_MISSING = "certificate_missing"
    SMS_TEMPLATE = "sms_template_unregistered"
    SILENCE = "silence_window"
    KIT_EARLY = "kit_early"
    QUIET_HOURS = "quiet_hours"


SOURCES: Mapping[Rule, str] = {
    Rule.CHANNEL_BARRED: "WhatsApp Business Messaging Policy, prohibited organisations",
    Rule.CONSENT_PURPOSE: "Digital Personal Data Protection Act 2023, section 6(1)",
    Rule.CERTIFICATE_MISSING: "Election Commission of India, order 509/75/2004/JS-I of 15 April 2004",
    Rule.SMS_TEMPLATE: "Telecom Commercial Communications Customer Preference Regulations 2018",
    Rule.SILENCE: "Representation of the People Act 1951, section 126(1)",
}


@dataclass(frozen=True, slots=True)
class SendingQuestion:
    """May this go there at ``at``? ``kit_id``: the material it carries. ``template``: the registered SMS text.

    ``whole_branch``: everybody below the place hears it as well, as in a group or on a page of a district.
    """

    territory_id: int
    channel: str
    purpose: str
    at: datetime
    kit_id: int | None = None
    template: str = ""
    whole_branch: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not now. ``until``: when the rule ends, if that is known. ``final``: do not ask again, let it expire."""

    rule: Rule
    until: datetime | None
    final: bool


@dataclass(frozen=True, slots=True)
class Poll:
    """A polling area of an election: silence for ``silence`` up to the close of poll.

    ``since`` to ``ends``: the election period, in which material may need a certificate.
    """

    area: str
    closes_at: datetime
    silence: timedelta
    since: datetime
    ends: datetime
    needs_certificate: bool = True

    @property
    def silent_from(self) -> datetime:
        return self.closes_at - self.silence

    def is_silent(self, at: datetime) -> bool:
        """Whether nothing may be said at ``at``; from the first instant, and no longer at the close itself."""
        return self.silent_from <= at < self.closes_at


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is to be disturbed, by the clocks where they live; the same time twice: never quiet."""

    begins: time
    ends: time

    def covers(self, moment: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= moment < self.ends
        return moment >= self.begins or moment < self.ends


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a kit's passport says that matters when it is sent."""

    certificate_number: str
    valid_from: datetime
    valid_until: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class LawBook:
    """Everything that the answers depend on, as it stands at one moment.

    ``polls``, ``zones``: by the path of the area they hold for, and for everything below it.
    ``templates``: registered SMS texts, with the end of their registration if there is one.
    """

    organisation_kind: str
    quiet: QuietHours
    home_zone: str
    polls: Mapping[str, tuple[Poll, ...]] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    clearances: Mapping[int, Clearance] = field(default_factory=dict)
    templates: Mapping[str, datetime | None] = field(default_factory=dict)
    templates_needed: bool = True


def judge(question: SendingQuestion, paths: Iterable[str], book: LawBook) -> Refusal | None:
    """Why the sending is refused, or None. What can never go comes before what can go later (L8)."""
    places = tuple(paths)
    if not places:
        return _never(Rule.PLACE_UNKNOWN)
    found = _by_what_it_is(question, book)
    if found is None and question.purpose == Purpose.CONTENT:
        found = _by_election(question, places, book)
    return found or _later(question, places, book)


def zone_of(paths: Iterable[str], book: LawBook) -> ZoneInfo:
    """The time zone of a place: its own, or that of the nearest place above it that has one, or the home zone."""
    if not book.zones:
        return ZoneInfo(book.home_zone)
    above = sorted((branch for path in paths for branch in branches_above(path)), key=len, reverse=True)
    return ZoneInfo(next((book.zones[branch] for branch in above if branch in book.zones), book.home_zone))


# -- L1 to L4, L6: what it is ----------------------------------------------------------------------


def _by_what_it_is(question: SendingQuestion, book: LawBook) -> Refusal | None:
    if why_barred(book.organisation_kind, question.channel) is not None:
        return _never(Rule.CHANNEL_BARRED)
    if question.purpose not in PURPOSES or (question.kit_id is not None and question.purpose != Purpose.CONTENT):
        return _never(Rule.CONSENT_PURPOSE)
    return _by_kit(question, book) or _by_template(question, book)


def _by_kit(question: SendingQuestion, book: LawBook) -> Refusal | None:
    if question.kit_id is None:
        return None
    kit = book.clearances.get(question.kit_id)
    if kit is None:
        return _never(Rule.KIT_NOT_CLEARED)
    if kit.withdrawn:
        return _never(Rule.KIT_WITHDRAWN)
    return _never(Rule.KIT_EXPIRED) if question.at >= kit.valid_until else None


def _by_template(question: SendingQuestion, book: LawBook) -> Refusal | None:
    if question.channel != SMS or question.purpose == Purpose.SECURITY or not book.templates_needed:
        return None
    if question.template not in book.templates:
        return _never(Rule.SMS_TEMPLATE)
    until = book.templates[question.template]
    return _never(Rule.SMS_TEMPLATE) if until is not None and question.at >= until else None


# -- L5 and L6: elections --------------------------------------------------------------------------


def _by_election(question: SendingQuestion, places: tuple[str, ...], book: LawBook) -> Refusal | None:
    polls = list(_polls_at(places, book, below=question.whole_branch))
    silent = [poll.closes_at for poll in polls if poll.is_silent(question.at)]
    if silent:
        return Refusal(Rule.SILENCE, max(silent), final=True)
    under_way = any(poll.needs_certificate and poll.since <= question.at < poll.ends for poll in polls)
    if under_way and book.organisation_kind == POLITICAL and not _is_certified(question.kit_id, book):
        return _never(Rule.CERTIFICATE_MISSING)
    return None


def _polls_at(places: tuple[str, ...], book: LawBook, *, below: bool) -> Iterator[Poll]:
    if not book.polls:
        return
    for branch in {branch for path in places for branch in branches_above(path)}:
        yield from book.polls.get(branch, ())
    if below:
        for area, polls in book.polls.items():
            if any(area.startswith(path) and area != path for path in places):
                yield from polls


def _is_certified(kit_id: int | None, book: LawBook) -> bool:
    clearance = book.clearances.get(kit_id) if kit_id is not None else None
    return bool(clearance and clearance.certificate_number)


# -- L7: what can go later -------------------------------------------------------------------------


def _later(question: SendingQuestion, places: tuple[str, ...], book: LawBook) -> Refusal | None:
    kit = book.clearances.get(question.kit_id) if question.kit_id is not None else None
    if kit is not None and question.at < kit.valid_from:
        return Refusal(Rule.KIT_EARLY, kit.valid_from, final=False)
    if question.purpose == Purpose.SECURITY or question.channel == ASSISTED:
        return None
    local = question.at.astimezone(zone_of(places, book))
    if not book.quiet.covers(local.time()):
        return None
    return Refusal(Rule.QUIET_HOURS, _end_of_quiet(local, book.quiet), final=False)


def _end_of_quiet(local: datetime, quiet: QuietHours) -> datetime:
    """The next time that the clocks there show the end, also on a day on which they are put forward or back."""
    day = local.date() + timedelta(days=1 if local.time() >= quiet.ends else 0)
    ends = datetime.combine(day, quiet.ends, tzinfo=local.tzinfo)
    return (ends.replace(fold=local.fold) if day == local.date() else ends).astimezone(UTC)


def _never(rule: Rule) -> Refusal:
    return Refusal(rule, None, final=True)
