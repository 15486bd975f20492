"""The law engine by its laws: docs/algorithms/law.md. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.compliance.domain.law import (
    Clearance,
    LawBook,
    Poll,
    Purpose,
    QuietHours,
    Refusal,
    Rule,
    SendingQuestion,
    judge,
)
from toli.members.domain import purposes

NEVER = QuietHours(time(0), time(0))
NIGHT = QuietHours(time(21), time(8))
CLOSE = datetime(2029, 4, 19, 12, 30, tzinfo=UTC)
moments = st.datetimes(datetime(2029, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "Asia/Dubai", "America/St_Johns"])
clocks = st.times()
codes = st.sampled_from(["07", "070", "0", "7", "A1"])
branches = st.lists(codes, min_size=1, max_size=4).map(lambda parts: "main/IN/" + "/".join(parts) + "/")


def _poll(area: str, closes_at: datetime = CLOSE, hours: int = 48) -> Poll:
    return Poll(area, closes_at, timedelta(hours=hours), closes_at - timedelta(days=40), closes_at + timedelta(days=9))


def _book(*polls: Poll, kind: str = "union", quiet: QuietHours = NEVER, **parts) -> LawBook:
    found: dict[str, tuple[Poll, ...]] = {}
    for poll in polls:
        found[poll.area] = (*found.get(poll.area, ()), poll)
    return LawBook(kind, quiet, "Asia/Kolkata", polls=found, **parts)


def _ask(at: datetime, **parts) -> SendingQuestion:
    return SendingQuestion(**{"territory_id": 1, "channel": "telegram", "purpose": "content", "at": at, **parts})


@given(branches, branches, moments, st.lists(moments, min_size=1, max_size=4), st.integers(1, 100))
def test_l5_no_instant_inside_a_window_is_ever_allowed_and_none_leaks(area, place, at, closes, hours):
    book = _book(*(_poll(area, close, hours) for close in closes))
    inside = any(close - timedelta(hours=hours) <= at < close for close in closes)
    answer = judge(_ask(at), [place], book)
    if inside and place.startswith(area):
        assert answer is not None
        assert answer.rule is Rule.SILENCE
        assert answer.final
        assert not any(close - timedelta(hours=hours) <= answer.until < close for close in closes if close <= at)
    else:
        assert answer is None


@given(branches, moments, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_l5_what_was_asked_before_a_window_and_is_sent_inside_is_refused(place, asked_at, waited):
    close = asked_at + timedelta(hours=48, seconds=1)
    book = _book(_poll(place, close))
    assert judge(_ask(asked_at), [place], book) is None  # queued a second before the window
    sent = judge(_ask(asked_at + timedelta(seconds=1) + waited), [place], book)
    assert (sent is not None) == (waited < timedelta(hours=48))


def test_l5_the_window_begins_with_its_first_instant_and_ends_with_the_close():
    book, place = _book(_poll("main/IN/07/")), ["main/IN/07/"]
    begins, tick = CLOSE - timedelta(hours=48), timedelta(microseconds=1)
    assert judge(_ask(begins - tick), place, book) is None
    assert judge(_ask(begins), place, book) == Refusal(Rule.SILENCE, CLOSE, final=True)
    assert judge(_ask(CLOSE - tick), place, book) is not None
    assert judge(_ask(CLOSE), place, book) is None


def test_l5_silence_is_inherited_downwards_and_never_by_the_prefix_twin():
    book = _book(_poll("main/IN/07/"))
    at = CLOSE - timedelta(hours=1)
    assert judge(_ask(at), ["main/IN/07/B1/"], book) is not None
    assert judge(_ask(at), ["main/IN/070/"], book) is None
    assert judge(_ask(at), ["main/IN/"], book) is None
    assert judge(_ask(at, whole_branch=True), ["main/IN/"], book) is not None  # a group of the state is heard in 07
    assert judge(_ask(at, whole_branch=True), ["main/IN/070/"], book) is None
    assert judge(_ask(at), ["main/IN/UP/9/", "pc/IN/07/"], book) is None
    assert judge(_ask(at), ["main/IN/UP/9/", "main/IN/07/9/"], book) is not None  # stands in two branches


@pytest.mark.parametrize("purpose", ["membership", "security"])
def test_l5_silence_is_about_material_only(purpose):
    question = _ask(CLOSE - timedelta(hours=1), purpose=purpose)
    assert judge(question, ["main/IN/07/"], _book(_poll("main/IN/07/"))) is None


@given(moments, clocks, clocks, zones)
def test_l7_after_quiet_hours_end_it_is_not_quiet_and_the_end_lies_ahead(at, begins, ends, zone):
    book = LawBook("union", QuietHours(begins, ends), "UTC", zones={"main/IN/": zone})
    answer = judge(_ask(at), ["main/IN/07/"], book)
    local = at.astimezone(ZoneInfo(zone)).time()
    assert (answer is None) == (not QuietHours(begins, ends).covers(local))
    if answer is not None:
        assert not answer.final
        assert at < answer.until <= at + timedelta(hours=25)
        assert judge(_ask(answer.until), ["main/IN/07/"], book) is None


def test_l7_clocks_are_those_of_the_nearest_place_that_has_its_own():
    book = LawBook("union", NIGHT, "Asia/Kolkata", zones={"main/IN/": "Asia/Kolkata", "main/IN/DXB/": "Asia/Dubai"})
    at = datetime(2029, 1, 1, 16, 0, tzinfo=UTC)  # 21:30 in India, 20:00 in Dubai
    assert judge(_ask(at), ["main/IN/07/"], book) == Refusal(
        Rule.QUIET_HOURS, datetime(2029, 1, 2, 2, 30, tzinfo=UTC), final=False
    )
    assert judge(_ask(at), ["main/IN/DXB/B1/"], book) is None
    assert judge(_ask(at, purpose="security"), ["main/IN/07/"], book) is None  # a code that somebody waits for
    assert judge(_ask(at, channel="assisted"), ["main/IN/07/"], book) is None  # a person who knows the group


@pytest.mark.parametrize(("kind", "number", "refused"), [
    ("political", "", True), ("political", "MCMC/7", False), ("union", "", False),
])  # fmt: skip
def test_l6_political_material_needs_a_certificate_in_the_election_period(kind, number, refused):
    kit = Clearance(number, CLOSE - timedelta(days=400), CLOSE + timedelta(days=400))
    book = _book(_poll("main/IN/07/"), kind=kind, clearances={5: kit})
    before, during = CLOSE - timedelta(days=41), CLOSE - timedelta(days=20)
    assert judge(_ask(before, kit_id=5), ["main/IN/07/"], book) is None
    answer = judge(_ask(during, kit_id=5), ["main/IN/07/"], book)
    assert (answer is not None and answer.rule is Rule.CERTIFICATE_MISSING) == refused
    assert judge(_ask(during, kit_id=5), ["main/IN/070/"], book) is None


def test_l3_a_kit_goes_out_while_its_passport_is_valid():
    kit = Clearance("", CLOSE, CLOSE + timedelta(days=1))
    place = ["main/IN/"]
    early = judge(_ask(CLOSE - timedelta(hours=1), kit_id=5), place, _book(clearances={5: kit}))
    assert early == Refusal(Rule.KIT_EARLY, CLOSE, final=False)
    assert judge(_ask(CLOSE, kit_id=5), place, _book(clearances={5: kit})) is None
    late = judge(_ask(CLOSE + timedelta(days=1), kit_id=5), place, _book(clearances={5: kit}))
    assert late == Refusal(Rule.KIT_EXPIRED, None, final=True)
    gone = Clearance("", CLOSE, CLOSE + timedelta(days=1), withdrawn=True)
    assert judge(_ask(CLOSE, kit_id=5), place, _book(clearances={5: gone})).rule is Rule.KIT_WITHDRAWN
    assert judge(_ask(CLOSE, kit_id=6), place, _book(clearances={5: kit})).rule is Rule.KIT_NOT_CLEARED


def test_l1_and_l2_channel_purpose_and_place():
    place = ["main/IN/"]
    barred = judge(_ask(CLOSE, channel="whatsapp_cloud"), place, _book(kind="political"))
    assert barred == Refusal(Rule.CHANNEL_BARRED, None, final=True)
    assert judge(_ask(CLOSE, channel="whatsapp_cloud"), place, _book(kind="ngo")) is None
    assert judge(_ask(CLOSE, purpose="party"), place, _book()).rule is Rule.CONSENT_PURPOSE
    kit = Clearance("", CLOSE, CLOSE + timedelta(days=1))
    notice = judge(_ask(CLOSE, purpose="membership", kit_id=5), place, _book(clearances={5: kit}))
    assert notice.rule is Rule.CONSENT_PURPOSE
    assert judge(_ask(CLOSE), [], _book()).rule is Rule.PLACE_UNKNOWN


def test_l4_a_text_by_sms_is_registered():
    book = _book(templates={"daily": None, "old": CLOSE})
    assert judge(_ask(CLOSE, channel="sms", template="daily"), ["main/IN/"], book) is None
    assert judge(_ask(CLOSE, channel="sms", template="old"), ["main/IN/"], book).rule is Rule.SMS_TEMPLATE
    assert judge(_ask(CLOSE, channel="sms"), ["main/IN/"], book).rule is Rule.SMS_TEMPLATE
    assert judge(_ask(CLOSE, channel="sms", purpose="security"), ["main/IN/"], book) is None
    assert judge(_ask(CLOSE, channel="sms"), ["main/IN/"], _book(templates_needed=False)) is None


def test_l8_what_can_never_go_comes_first():
    book = _book(_poll("main/IN/07/"), quiet=QuietHours(time(0), time(23, 59)))
    assert judge(_ask(CLOSE - timedelta(hours=30)), ["main/IN/07/"], book).final


def test_every_purpose_that_members_agree_to_is_known_here():
    assert {item.value for item in purposes.Purpose} <= {item.value for item in Purpose}
