"""The schedule: nothing younger than its term is touched, everything older goes, and a second run does nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from hypothesis import HealthCheck, given
from hypothesis import settings as laws
from hypothesis import strategies as st

from tests import factories as make
from tests.rights.aged import AGED, settle
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import OneTimeCode
from toli.analytics import integrity
from toli.audit import services as audit
from toli.audit.models import AuditEntry
from toli.core import clock, keeping, personal_data
from toli.core.errors import Forbidden
from toli.core.keeping import After, Rows, Term, TermsRefused
from toli.members import services as members
from toli.members.models import ErasedNumber, Member, Reveal
from toli.rights import services
from toli.rights.errors import LineUnknown, RetentionIncomplete
from toli.rights.models import RetentionRun
from toli.rights.services import retention

pytestmark = pytest.mark.django_db
SLACK = timedelta(days=2)  # some terms count in days
TERMS = [term.key for term in keeping.terms()]


def term_of(key) -> Term:
    return next(term for term in keeping.terms() if term.key == key)


def run(*keys):
    return services.carry_out_schedule(actor=SYSTEM, keys=keys)


def ages(key):
    """One thing that is over and one that is not."""
    border = keeping.before(term_of(key), clock.now())
    found = AGED[key](border - SLACK), AGED[key](border + SLACK)
    settle()
    return found


# -- completeness ----------------------------------------------------------------------------------


def test_whatever_holds_something_about_people_has_a_term():
    assert personal_data.personal_tables() - keeping.spoken_of() == set()


def test_a_table_about_people_without_a_term_is_found(monkeypatch):
    monkeypatch.setitem(personal_data._texts, ("members_forgotten", "note"), None)
    assert personal_data.personal_tables() - keeping.spoken_of() == {"members_forgotten"}


def test_tables_of_the_schedule_exist():
    assert keeping.spoken_of() <= set(connection.introspection.table_names())


def test_every_line_is_tried_here():
    assert set(AGED) == set(TERMS)


# -- what goes and what stays ----------------------------------------------------------------------


@pytest.mark.parametrize("key", TERMS)
def test_what_is_over_goes_and_what_is_not_stays(country, key):
    old, young = ages(key)
    assert (old(), young()) == (True, True)
    (promised,) = services.schedule(keys=[key])
    assert (promised.due, old()) == (1, True), "the dry run counts and touches nothing"
    (done,) = run(key)
    assert (done.cleared, done.due) == (1, 0)
    assert (old(), young()) == (False, True)
    (again,) = run(key)
    assert (again.cleared, RetentionRun.objects.filter(key=key).count()) == (0, 1)


@pytest.mark.parametrize("key", TERMS)
def test_each_line_touches_its_own_things_only(country, key):
    others = {name: AGED[name](keeping.before(term_of(name), clock.now()) - SLACK) for name in TERMS if name != key}
    settle()
    run(key)
    tied = {"rights.requests": {"rights.words"}, "rights.complaints": {"rights.complaint_words"}}  # lie in the row
    assert {name for name, there in others.items() if not there()} - tied.get(key, set()) == set()


@laws(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.integers(-200_000, 200_000), max_size=25), st.integers(1, 7), st.integers(1, 30))
def test_law_of_rows(db, settings, monkeypatch, offsets, batch, days):
    """Whatever the ages, the size of a batch and the term: exactly the old ones go, in however many batches."""
    settings.TOLI_KEEP_DAYS = {"accounts.codes": days}
    OneTimeCode.objects.all().delete()
    term = term_of("accounts.codes")
    monkeypatch.setitem(keeping._terms, term.key, replace(term, batch=batch))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    border = now - timedelta(days=days)
    rows = [
        OneTimeCode(
            address_index=b"", purpose="join", code_hash=b"", created_at=now, expires_at=border + timedelta(seconds=s)
        )
        for s in offsets
    ]
    OneTimeCode.objects.bulk_create(rows)
    (line,) = run("accounts.codes")
    assert line.cleared == sum(offset <= 0 for offset in offsets)
    left = sorted((row.expires_at - border).total_seconds() for row in OneTimeCode.objects.all())
    assert left == sorted(offset for offset in offsets if offset > 0)
    assert run("accounts.codes")[0].cleared == 0


def test_everything_at_once_keeps_all_facts_true(country):
    things = {key: ages(key) for key in TERMS}
    run()
    assert {key for key, (old, _young) in things.items() if old()} == set()
    assert {key for key, (_old, young) in things.items() if not young()} == set()
    assert {item.name for item in integrity.broken()} <= {"events_delivered", "import_unfinished", "one_card"}
    settle()
    assert audit.verify().fault is None


# -- what is noted ---------------------------------------------------------------------------------


def test_each_line_that_did_something_is_in_the_trail_with_its_count(country):
    for _ in range(3):
        ages("accounts.codes")
    run()
    entries = AuditEntry.objects.filter(action="rights.retention")
    assert [(entry.target, entry.details["count"]) for entry in entries] == [("retention:accounts.codes", 3)]


def test_only_the_system_carries_it_out(country):
    with pytest.raises(Forbidden):
        services.carry_out_schedule(actor=make.make_actor({"rights.handle": "IN"}))
    with pytest.raises(LineUnknown):
        run("no.such")


# -- cut off ---------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


def test_a_run_that_was_cut_off_is_gone_on_with(country, monkeypatch):
    for _ in range(10):
        ages("accounts.codes")
    term, clear, calls = term_of("accounts.codes"), Rows.clear, []

    def dying(self, before, most):
        if self is term.store:
            calls.append(1)
            if len(calls) == 3:
                clear(self, before, 3)
                raise Killed
        return clear(self, before, 3)

    monkeypatch.setattr(Rows, "clear", dying)
    with pytest.raises(Killed):
        run("accounts.codes")
    (begun,) = RetentionRun.objects.all()
    assert (begun.cleared, begun.finished_at) == (6, None)
    assert OneTimeCode.objects.count() == 14, "what the dead batch deleted is rolled back with its count"
    monkeypatch.setattr(Rows, "clear", clear)
    run("accounts.codes")
    (ended,) = RetentionRun.objects.all()
    assert (ended.pk, ended.cleared, ended.finished_at is not None) == (begun.pk, 10, True)
    assert AuditEntry.objects.get(action="rights.retention").details["count"] == 10


def test_a_budget_leaves_the_rest_for_the_next_time(country):
    ages("accounts.codes")
    (line,) = services.carry_out_schedule(actor=SYSTEM, keys=["accounts.codes"], budget=timedelta(0))
    assert (line.cleared, line.due) == (0, 1)
    assert run("accounts.codes")[0].cleared == 1


def _waiting_jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'rights.retention'")
        return cursor.fetchone()[0]


def test_the_job_leaves_what_is_left_to_another_job(country, monkeypatch):
    old, _young = ages("accounts.codes")
    monkeypatch.setattr(retention, "BUDGET", timedelta(0))
    services.carry_out_schedule_daily()
    assert (old(), _waiting_jobs()) == (True, 1)
    monkeypatch.setattr(retention, "BUDGET", timedelta(minutes=10))
    services.carry_out_schedule_daily()
    assert (old(), _waiting_jobs()) == (False, 1)


def test_one_line_that_fails_does_not_stop_the_others(country, monkeypatch):
    code, link = ages("accounts.codes"), ages("accounts.links")
    clear = Rows.clear

    def failing(self, before, most):
        if self is term_of("accounts.codes").store:
            raise DatabaseError("locked")
        return clear(self, before, most)

    monkeypatch.setattr(Rows, "clear", failing)
    with pytest.raises(RetentionIncomplete, match=r"accounts\.codes"):
        run()
    assert (code[0](), link[0]()) == (True, False)


# -- holds -----------------------------------------------------------------------------------------


def old_reveal(member):
    return AGED["members.reveals"](keeping.before(term_of("members.reveals"), clock.now()) - SLACK, member)


def test_what_concerns_an_open_request_stays_until_it_is_closed(country):
    asking, other = make.make_member("A1"), make.make_member("A1")
    kept, gone = old_reveal(asking), old_reveal(other)
    request = services.file_request(actor=SYSTEM, member_id=asking.pk, kind="copy")
    run("members.reveals")
    assert (kept(), gone()) == (True, False)
    services.answer_request(actor=SYSTEM, request_id=request.pk, answer="Here it is.")
    run("members.reveals")
    assert not kept()


def test_members_who_left_are_not_forgotten_while_a_request_is_open(country):
    member = make.make_member("A1")
    services.file_request(actor=SYSTEM, member_id=member.pk, kind="complaint", words="why?")
    Member.objects.filter(pk=member.pk).update(state="left", updated_at=clock.now() - timedelta(days=400))
    run("rights.left")
    assert Member.objects.get(pk=member.pk).state == "left"


def test_evidence_stays_while_a_case_is_open(country, monkeypatch):
    reveal, code = ages("members.reveals"), ages("accounts.codes")
    monkeypatch.setattr(keeping, "_pauses", [lambda: True])
    lines = {line.term.key: line for line in run()}
    assert (lines["members.reveals"].paused, lines["members.reveals"].due, reveal[0]()) == (True, 1, True)
    assert (lines["accounts.codes"].paused, code[0]()) == (False, False)


# -- members who have gone -------------------------------------------------------------------------


def test_notes_about_several_who_left_are_blotted_out_in_one_pass(country):
    chief = make.make_actor({"members.reveal": "IN"})
    names = ["Chandra Kant Rao", "Meena Kumari Das", "Sunita"]
    people = [make.make_member("A1", name=name) for name in names]
    staying = make.make_member("A1", name="Ravi Prakash Jha")
    note = "asked for Chandra Kant Rao and Meena Kumari Das, not Ravi Prakash Jha or Sunita"
    members.reveal_phone(actor=chief, member_id=staying.pk, reason="other", note=note)
    Member.objects.filter(pk__in=[member.pk for member in people]).update(
        state="left", updated_at=clock.now() - timedelta(days=400)
    )
    assert run("rights.left")[0].cleared == 3
    assert Reveal.objects.get().note == "asked for … and …, not Ravi Prakash Jha or Sunita"


def test_who_left_long_ago_is_nameless_and_a_list_may_bring_them_back(country, tmp_path):
    member = make.make_member("A1", name="Chandra Kant Rao", phone="+910198237645", carded=True)
    chief = make.make_actor({"members.reveal": "IN"})
    members.reveal_phone(actor=chief, member_id=member.pk, reason="other", note="asked for Chandra Kant Rao")
    Member.objects.filter(pk=member.pk).update(state="left", updated_at=clock.now() - timedelta(days=400))
    run("rights.left")
    member.refresh_from_db()
    assert (member.state, member.name, member.contact_points.count(), member.cards.count()) == ("erased", "—", 0, 0)
    assert Reveal.objects.get().note == ""
    assert not ErasedNumber.objects.exists()
    path = tmp_path / "again.csv"
    path.write_text("name,phone,territory\nChandra Kant Rao,0198237645,A1\n")
    assert members.import_members(actor=SYSTEM, drive_code="drive", path=path).created == 1


# -- terms that were chosen ------------------------------------------------------------------------


def test_a_term_can_be_changed_where_the_law_allows(country, settings):
    old, _young = ages("members.reveals")
    settings.TOLI_KEEP_DAYS = {"members.reveals": 3650}
    keeping.check()
    run("members.reveals")
    assert old()


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"audit.entries": 30}, "from 365 to 3650"),
        ({"members.reveals": 99_999}, "from 365 to 3650"),
        ({"core.limits": 5}, "cannot be changed"),
        ({"no.such": 5}, "no line of the schedule"),
    ],
)
def test_a_term_that_the_law_refuses_stops_the_start(settings, chosen, told):
    settings.TOLI_KEEP_DAYS = chosen
    with pytest.raises(TermsRefused) as caught:
        keeping.check()
    assert told in str(caught.value)
    assert next(iter(chosen)) in str(caught.value)


def test_each_line_says_what_becomes_of_it_and_why():
    for term in keeping.terms():
        assert isinstance(term.after, After)
        assert str(term.label)
        assert str(term.why)
        assert term.most == 0 or term.least <= term.days <= term.most
