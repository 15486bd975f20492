"""The question before every sending: two queries to judge, one to record; and the calendar it reads."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.compliance import selectors, services
from toli.compliance.errors import (
    AreaPollsTwice,
    ElectionExists,
    ElectionIncomplete,
    ElectionNotFound,
    PollNotFound,
    TemplateNotFound,
)
from toli.compliance.models import SendingRefusal
from toli.compliance.services import PollDraft, SendingQuestion, judge_sendings
from toli.core.errors import Forbidden, Unavailable
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Node, Tree

INDIA = ZoneInfo("Asia/Kolkata")
ANNOUNCED = datetime(2029, 3, 16, tzinfo=INDIA)
CLOSE = datetime(2029, 4, 19, 18, tzinfo=INDIA)


def _election(*polls, actor=SYSTEM, code="ls", **fields):
    return services.add_election(
        actor=actor, code=code, name_en="General election", name_hi="आम चुनाव", announced_at=ANNOUNCED, polls=polls,
        **fields,
    )  # fmt: skip


def _ask(place, at, **fields):
    usual = {"territory_id": place.pk, "channel": "telegram", "purpose": "content", "at": at}
    return SendingQuestion(**{**usual, **fields})


@pytest.fixture
def places(db):
    make.make_organisation()
    return make.make_territories("IN/UP/07/B1", "IN/UP/070/B2")


def test_a_batch_costs_three_queries_and_answers_in_order(places, django_assert_num_queries):
    _election(PollDraft(1, CLOSE, ["07"]), PollDraft(2, CLOSE + timedelta(days=7), ["070"]))
    at = CLOSE - timedelta(hours=3)
    batch = [_ask(places[code], at) for code in ("B1", "B2", "07", "070", "UP") for _ in range(100)]
    with django_assert_num_queries(3):
        answers = judge_sendings(batch)
    assert [answer is not None for answer in answers] == [True] * 100 + [False] * 100 + [True] * 100 + [False] * 200
    assert answers[0].until == CLOSE
    assert {(row.rule, row.territory.code, row.count) for row in SendingRefusal.objects.all()} == {
        ("silence_window", "B1", 100), ("silence_window", "07", 100),
    }  # fmt: skip
    with django_assert_num_queries(0):
        assert judge_sendings([]) == []


def test_what_would_arrive_in_a_silence_does_not_set_out(places, django_assert_num_queries):
    _election(PollDraft(1, CLOSE, ["07"]))
    begins = CLOSE - timedelta(hours=48)
    asked = [_ask(places[code], begins - timedelta(seconds=5)) for code in ("B1", "B2")]
    assert judge_sendings(asked, within=timedelta(seconds=4)) == [None, None]
    with django_assert_num_queries(3):
        inside, beside = judge_sendings(asked, within=timedelta(seconds=6))
    assert (inside.rule, beside) == ("silence_window", None)
    assert [row.count for row in SendingRefusal.objects.all()] == [1]


def test_refusals_are_counted_for_those_whose_area_it_is(places):
    _election(PollDraft(1, CLOSE, ["07"]))
    judge_sendings([_ask(places["B1"], CLOSE - timedelta(hours=1), kit_id=None)])
    since = timezone.now() - timedelta(days=1)
    assert selectors.refusals(EVERYWHERE, since=since) == [selectors.Verdict("silence_window", "telegram", 1)]
    assert selectors.refusals(Scope(("main/IN/UP/07/",)), since=since)
    assert not selectors.refusals(Scope(("main/IN/UP/070/",)), since=since)


def test_a_constituency_of_another_tree_silences_what_lies_below_it_in_the_main_tree(places):
    tree = Tree.objects.create(code="pc", name_en="Parliament")
    seat = make.make_territory("IN/PC9", level="pc")
    Node.objects.filter(territory=seat).delete()  # stands in the other tree only
    top = Node.objects.create(tree=tree, territory=seat, path="pc/PC9/")
    Node.objects.create(tree=tree, territory=places["07"], parent=top, path="pc/PC9/07/")
    _election(PollDraft(1, CLOSE, ["PC9"]))
    at = CLOSE - timedelta(hours=1)
    assert judge_sendings([_ask(places["B1"], at)])[0].rule == "silence_window"  # B1 stands in the main tree only
    assert judge_sendings([_ask(places["B2"], at), _ask(places["UP"], at)]) == [None, None]
    assert judge_sendings([_ask(places["UP"], at, whole_branch=True)])[0] is not None


def test_a_place_that_was_redrawn_is_judged_by_where_it_stood(places):
    Node.objects.filter(territory=places["B1"]).update(valid_to=timezone.localdate())
    _election(PollDraft(1, CLOSE, ["07"]))
    assert judge_sendings([_ask(places["B1"], CLOSE - timedelta(hours=1))])[0].rule == "silence_window"
    unknown = SendingQuestion(0, "telegram", "content", CLOSE)
    assert judge_sendings([unknown])[0].rule == "place_unknown"


def test_quiet_hours_go_by_the_clocks_of_the_place(places):
    services.set_rules(actor=SYSTEM, quiet_from=datetime(1, 1, 1, 21).time(), quiet_until=datetime(1, 1, 1, 8).time())
    places["070"].facts = {"time_zone": "Asia/Dubai"}
    places["070"].save()
    at = datetime(2029, 1, 1, 21, 30, tzinfo=INDIA)
    answers = judge_sendings([_ask(places["B1"], at), _ask(places["B2"], at)])
    assert (answers[0].rule, answers[0].until) == ("quiet_hours", datetime(2029, 1, 2, 8, tzinfo=INDIA))
    assert answers[1] is None


def test_certificates_and_registered_texts_are_read_with_the_batch(places):
    make.make_organisation("political")
    _election(PollDraft(1, CLOSE, ["UP"]))
    at = CLOSE - timedelta(days=10)
    valid = {"valid_from": ANNOUNCED, "valid_until": CLOSE}
    services.clear_kit(kit_id=1, certificate_number="", **valid)
    services.clear_kit(kit_id=2, certificate_number="MCMC/1", **valid)
    services.register_sms_template(actor=SYSTEM, code="daily", registered_id="1107", header="JANSET", text="{text}")
    ask = [_ask(places["B1"], at, kit_id=kit) for kit in (1, 2)]
    ask += [_ask(places["B1"], at, kit_id=2, channel="sms", template=code) for code in ("daily", "other")]
    ask += [_ask(places["B1"], at, kit_id=2, channel="whatsapp_cloud")]
    rules = [answer and answer.rule for answer in judge_sendings(ask)]
    assert rules == ["certificate_missing", None, None, "sms_template_unregistered", "channel_barred"]
    services.withdraw_clearance(kit_id=2)
    services.end_sms_template(actor=SYSTEM, code="daily")
    assert judge_sendings(ask[1:2])[0].rule == "kit_withdrawn"
    with pytest.raises(TemplateNotFound):
        services.end_sms_template(actor=SYSTEM, code="other")


def test_without_an_organisation_nothing_is_sent(db):
    places = make.make_territories("IN")
    with pytest.raises(Unavailable):
        judge_sendings([_ask(places["IN"], CLOSE)])


def test_the_calendar_is_kept_within_ones_own_area(places):
    keeper = make.make_actor({"elections.manage": "07"})
    _election(PollDraft(1, CLOSE, ["07"]), actor=keeper)
    with pytest.raises(TerritoryNotFound):
        services.add_polls(actor=keeper, code="ls", poll=PollDraft(1, CLOSE, ["070"]))
    services.add_polls(actor=SYSTEM, code="ls", poll=PollDraft(1, CLOSE, ["070"]))
    ours, theirs = (selectors.get_election("ls").polls.get(territory__code=code) for code in ("07", "070"))
    with pytest.raises(PollNotFound):
        services.remove_poll(actor=keeper, poll_id=theirs.pk)
    with pytest.raises(Forbidden):
        services.remove_election(actor=keeper, code="ls")
    services.remove_poll(actor=keeper, poll_id=ours.pk)
    with pytest.raises(Forbidden):
        _election(actor=make.make_actor({"kits.edit": "IN"}), code="other")
    services.remove_election(actor=SYSTEM, code="ls")
    assert not selectors.elections().exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"elections.add", "elections.add_polls", "elections.remove_poll", "elections.remove"} <= actions


def test_an_entry_of_the_calendar_is_whole(places):
    _election(PollDraft(1, CLOSE, ["07"]))
    with pytest.raises(ElectionExists):
        _election()
    with pytest.raises(AreaPollsTwice):
        services.add_polls(actor=SYSTEM, code="ls", poll=PollDraft(2, CLOSE, ["07"]))
    before = ANNOUNCED - timedelta(days=1)
    for wrong in (PollDraft(0, CLOSE, ["070"]), PollDraft(1, CLOSE, []), PollDraft(1, before, ["UP"])):
        with pytest.raises(ElectionIncomplete):
            services.add_polls(actor=SYSTEM, code="ls", poll=wrong)
    with pytest.raises(ElectionNotFound):
        services.remove_election(actor=SYSTEM, code="none")
    with pytest.raises(ElectionIncomplete):
        _election(code="long", silence_hours=1000)
    assert [poll.territory.code for poll in selectors.next_polls(places["B1"].pk)] == ["07"]
    assert not selectors.next_polls(places["B2"].pk)
