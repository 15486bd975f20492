"""After an erasure no copy of the number or the name is left: in no table, no file, no log.

The person goes through all of it first (``life``), and the same search finds them everywhere before.
"""

import json
import logging
import os
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.selectors import actor_for
from toli.accounts.services import create_sign_in_link
from toli.accounts.sessions import SessionStore
from toli.analytics import integrity
from toli.botgroups.models import Code, PlatformAccount, Presence
from toli.botgroups.services import ordering, sealing
from toli.cards import services as cards
from toli.cards.services import issue_cards, send_welcomes
from toli.chatgroups import services as groups
from toli.chatgroups.models import Campaign, ChatGroup, WaitingPlace
from toli.core import clock, events, jobs, personal_data
from toli.core.crypto import cipher_for, index_for
from toli.core.domain.phone import spellings_pattern
from toli.core.errors import Forbidden
from toli.core.models import EventRecord
from toli.dues import services as dues
from toli.dues.domain.offers import Terms
from toli.dues.models import Receipt, Reminder
from toli.enrolment.models import CallLine, CallSample, Case, CaseStep, HeldMember, Wish
from toli.enrolment.services import guarding
from toli.members import services as members
from toli.members.errors import MemberNotFound
from toli.members.models import (
    ConsentRecord,
    ErasedNumber,
    HistoryReason,
    ImportChange,
    ImportProblem,
    ImportRun,
    Member,
    Reveal,
)
from toli.members.services.citizens import number_hash
from toli.messaging.models import Inbound, Message, PushDevice
from toli.rights import services
from toli.rolls.models import Challenge, Roll, RollLine
from toli.sharing.services import choose_poster, record_open, share_link

PHONE, NAME = "+910198237645", "Chandrakanta Vishwanathan"
TRACES = re.compile(f"{spellings_pattern(PHONE)}|Chandrakanta|Vishwanathan", re.IGNORECASE)


def indexes():
    return [index_for(context).of(PHONE) for context in ("phone",)]


def hits_in_tables():
    """Every row of every table of every schema of ours, as text, bytes in hex."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT schemaname, tablename FROM pg_tables
               WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""
        )
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{schema}"."{table}" t')
            for (row,) in cursor.fetchall():
                text = json.loads(row)
                if TRACES.search(json.dumps(text, ensure_ascii=False)) or any(i.hex() in row for i in indexes()):
                    found.append((table, row[:300]))
    return found


def hits_in_files(*folders):
    return [
        str(path)
        for folder in folders
        for path in Path(folder).rglob("*")
        if path.is_file() and TRACES.search(path.read_bytes().decode("utf-8", "replace"))
    ]


@pytest.fixture
def life(country, settings, tmp_path, caplog):
    """A member who has been through everything that leaves a trace."""
    caplog.set_level(logging.DEBUG)
    seen_in = make.make_group(Campaign.objects.get(), "IN")
    groups.take_roster(actor=SYSTEM, group_id=seen_in.pk, text=f"{PHONE}, You")
    services.file_complaint(
        actor=SYSTEM, token="x" * 22, about="data", words=f"{NAME} was called", phone=PHONE, language="en"
    )
    member = guarding.join(
        device="phone", drive_code="drive", name=NAME, phone=PHONE, territory_code="A1", language="en",
        consents={"adult": True, "membership": True, "content": True},
        evidence={"page": "join", "code": "verified", "said": f"{NAME} by telephone"},
    ).member  # fmt: skip
    make.make_citizen("A1", number_hash=number_hash(PHONE))  # as somebody whom a list made a member may be
    issue_cards(actor=SYSTEM, member_ids=[member.pk])
    events.deliver()
    send_welcomes(actor=SYSTEM)
    account = members.open_account(member_id=member.pk)
    create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=clock.now() - clock.now())
    accounts.request_code(phone="01982 37645", purpose="sign in", language="en")
    Client().force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    form = SessionStore()
    form["join"] = {"name": NAME, "phone": PHONE}
    form.save()
    campaign = Campaign.objects.get()
    make.make_group(campaign, "A1")
    groups.go_to_group(member_id=member.pk, campaign_id=campaign.pk)
    groups.confirm_joined(member_id=member.pk, campaign_id=campaign.pk)
    _known_to_the_bot(member)
    _written_to(member)
    members.inviter_code(member_id=member.pk)
    link = share_link(member_id=member.pk, kit_id=make.make_kit().pk, channel="whatsapp")
    record_open(code=link.code, address="192.0.2.1", user_agent="Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile")
    make.make_application("A1", name=NAME, phone=PHONE)
    make.make_application("A1", name=NAME, phone=make.make_phone(77), member=member)
    chief = make.make_actor({"members.reveal": "IN", "members.export": "IN"})
    members.reveal_phone(actor=chief, member_id=member.pk, reason="other", note=f"asked for {NAME}")
    export = members.ask_for_export(
        actor=chief, territory_code="A1", columns=["name", "phone"], purpose=f"calls, {NAME} first"
    )  # fmt: skip
    members.make_export(export_id=export.pk)
    _failed_import(country, tmp_path)
    _corrected_by_a_list(member)
    members.change_membership(member_id=member.pk, reason=HistoryReason.PROMOTION, grade="active")
    _stood_in_a_roll(member)
    _held_for_a_check(member)
    _called(member)
    Wish.objects.create(
        member=member, kind="promotion", territory=member.territory, state="refused", asked_at=clock.now(),
        decided_at=clock.now(), note=f"spoke with {NAME}",
    )  # fmt: skip
    cards.set_photo(actor=actor_for(account), member=member, picture=b"a picture", shown=True)
    choose_poster(member_id=member.pk, name=True, place=False, photo=True)
    _paid_and_cancelled(member)
    jobs.enqueue("members.make_export", export_id=1, member_id=member.pk, note=PHONE)
    EventRecord.objects.create(name="Old", payload={"member_id": member.pk}, attempts=5, failure=f"KeyError: '{PHONE}'")
    return member


def _known_to_the_bot(member):
    """Their account on the platform, seen in a group, with something done about it and a code that is not used."""
    chat = make.make_kept_group(make.make_group(Campaign.objects.get(), "A1"))
    person = 500_000_001
    found = {
        "person_hash": sealing.person_hash(person),
        "person_sealed": sealing.accounts().encrypt("500000001", row=member.pk),
    }
    PlatformAccount.objects.create(member=member, connected_at=clock.now(), **found)
    Presence.objects.create(chat=chat, person_hash=found["person_hash"], inside=True, at=clock.now(), number=1)
    ordering.order(chat.bot_id, "tell", "told once", person_id=person, about="your_group")
    Code.objects.create(code_hash=b"x" * 16, member=member, made_at=clock.now(), expires_at=clock.now())


def _written_to(member):
    """They were sent a message with their name in it, wrote back, and waited for a place in a group."""
    batch = make.make_batch("A1", members=[member])
    message = Message.objects.get(batch=batch)
    Message.objects.filter(pk=message.pk).update(params=[NAME])
    answer = Inbound.objects.create(
        sender=batch.sender, ref="1", kind="text", member=member, received_at=clock.now()
    )  # fmt: skip
    sealed = cipher_for("messaging_inbound.text").encrypt(f"{NAME} here", row=answer.pk)
    Inbound.objects.filter(pk=answer.pk).update(text_sealed=sealed)
    PushDevice.objects.create(member=member, endpoint_hash=b"x" * 16, name="Firefox · Android", added_at=clock.now())
    make.make_mailbox(member)
    WaitingPlace.objects.create(
        member=member, campaign=Campaign.objects.get(), territory=member.territory, since_at=clock.now(),
        ended_at=clock.now(),
    )  # fmt: skip


def _paid_and_cancelled(member):
    dues.set_offer(actor=SYSTEM, drive_code="drive", terms=Terms("primary", 36, 10_000))
    due = dues.owe_for_joining(member_id=member.pk)
    receipt = dues.confirm_payment(actor=SYSTEM, reference=due.reference)
    Reminder.objects.create(member=member, until=member.member_until, sent=1)
    dues.dispute(token=dues.dispute_path(receipt).removeprefix("/d/"))
    dues.answer_dispute(actor=SYSTEM, receipt_id=receipt.pk, answer=f"spoke with {NAME}")
    dues.cancel_receipt(actor=SYSTEM, receipt_id=receipt.pk, reason=f"paid by the brother of {NAME}")


def _called(member):
    """They were drawn by lot, and said that they want to be a member."""
    now = clock.now()
    sample = CallSample.objects.create(
        territory=member.territory, seed="0", frame=[member.pk], size=1, since=now, drawn_at=now, closed_at=now,
        caller=make.make_account(name="Caller"),
    )  # fmt: skip
    CallLine.objects.create(
        sample=sample, place=1, member=member, territory=member.territory, source="join", outcome="confirmed",
        called_at=now,
    )  # fmt: skip


def _held_for_a_check(member):
    case = Case.objects.create(
        kind="velocity", territory=member.territory, holds="device", source_key=b"x", opened_at=clock.now()
    )
    HeldMember.objects.create(case=case, member=member, held_at=clock.now(), state="released")
    CaseStep.objects.create(case=case, act="release", words=f"called {NAME}", at=clock.now())


def _failed_import(country, tmp_path):
    run = ImportRun.objects.create(
        drive=make.make_drive(), file_name=f"{NAME}.csv", file_sha256="0" * 64, started_at=clock.now()
    )
    ImportProblem.objects.create(run=run, row=2, code="territory_unknown", params={"territory": f"for {NAME}"})
    ImportProblem.objects.create(run=run, row=3, code="language_unknown", params={"language": "01982 37645"})


def _corrected_by_a_list(member):
    ImportChange.objects.create(
        run=ImportRun.objects.get(), member=member, name=f"{NAME} old", territory=member.territory, language="hi",
        at=clock.now(),
    )  # fmt: skip


def _stood_in_a_roll(member):
    roll = Roll.objects.create(
        territory=member.territory, day=clock.today(), known_at=clock.now(), places=[member.territory_id], salt=b"salt",
        members=1, active_members=0, content_hash="0" * 64, drawn_by=make.make_account(),
    )  # fmt: skip
    RollLine.objects.create(
        roll=roll, number=1, member=member, ref="A" * 16, territory=member.territory, grade=member.grade,
        commitment="0" * 64, salt=b"salt", name=NAME, card="", masked_number="",
    )  # fmt: skip
    Challenge.objects.create(
        roll=roll, kind="other", member=member, ref="A" * 16, reason=f"{member.name} is an active member",
        raised_at=clock.now(),
    )  # fmt: skip


def erase(member):
    return services.erase_member(actor=SYSTEM, member_id=member.pk, because="test")


def test_before_the_erasure_the_search_finds_the_person_everywhere(life, settings):
    """The control: a search that finds nothing must have been able to find something."""
    tables = {table for table, _row in hits_in_tables()}
    assert {
        "members_member", "members_contactpoint", "accounts_account", "accounts_onetimecode",
        "members_reveal", "members_export", "members_importproblem", "members_importrun", "members_consentrecord",
        "procrastinate_jobs", "core_eventrecord", "members_importchange", "rolls_rollline",
        "rolls_challenge",
    } <= tables  # fmt: skip
    assert hits_in_files(settings.OUTBOX_DIR)


def test_after_it_no_table_no_file_and_no_log_holds_the_number_or_the_name(life, settings, caplog, capsys, tmp_path):
    caplog.clear()
    erase(life)
    assert hits_in_tables() == []
    assert hits_in_files(tmp_path, settings.OUTBOX_DIR, settings.EXPORTS_DIR, settings.RIGHTS_DIR) == []
    assert not TRACES.search(caplog.text)
    assert not TRACES.search("".join(capsys.readouterr()))


def test_the_dry_run_tells_exactly_what_is_done_and_does_nothing(life):
    before = hits_in_tables()
    promised = services.what_erasure_takes(member_id=life.pk)
    assert not promised.done
    assert hits_in_tables() == before
    done = erase(life)
    assert done.done
    assert done.counts() == promised.counts()
    expected = {"members.numbers": 1, "cards.cards": 1, "chatgroups.seats": 1, "sharing.links": 1, "members.lists": 1,
                "members.reveals": 1, "accounts.account": 1, "accounts.codes": 1, "accounts.sessions": 1,
                "accounts.texts": 2, "accounts.links": 1}  # fmt: skip
    assert {key: done.counts()[key] for key in expected} == expected
    assert set(services.what_erasure_takes(member_id=life.pk).counts().values()) == {0}


def test_what_stays_is_nameless_and_says_why(life):
    report = erase(life)
    member = Member.objects.get(pk=life.pk)
    assert (member.name, member.state, member.territory.code, member.account) == ("—", "erased", "IN", None)
    assert (member.member_from.month, member.member_from.day) == (1, 1)
    kept = {item.key: item.kept_because for item in report.found if item.kept_because}
    assert set(kept) == {
        "members.consents", "members.reveals", "dues.dues", "dues.receipts", "audit.entries", "rights.requests",
        "rights.breaches", "rolls.lines", "rolls.challenges", "messaging.messages", "members.citizen",
        "rights.complaints",
    }  # fmt: skip
    assert Receipt.objects.get(due__member=None).amount == 10_000
    assert ConsentRecord.objects.filter(member=member).count() == 6
    assert set(ConsentRecord.objects.filter(member=member).first().evidence) == {"page", "code"}
    assert Reveal.objects.filter(member=member, note="").count() == 1


def test_the_groups_and_all_other_facts_stay_true(life):
    erase(life)
    assert {group.taken for group in ChatGroup.objects.all()} == {0}
    assert {invariant.name for invariant in integrity.broken()} <= {"events_delivered", "import_unfinished"}


def test_a_neighbour_keeps_everything(life):
    other = make.make_member("A1", name="Sunita Devi", carded=True)
    members.set_consent(member_id=other.pk, purpose="content", given=True, language="hi", evidence={"said": "yes"})
    account = members.open_account(member_id=other.pk)
    erase(life)
    other.refresh_from_db()
    assert (other.name, other.state, other.account) == ("Sunita Devi", "active", account)
    assert other.cards.count() == other.contact_points.count() == 1
    assert other.consents.filter(evidence={"said": "yes"}).count() == 2


def test_a_namesake_of_one_word_is_not_blotted_out(country):
    one = make.make_member("A1", name="Sunita")
    chief = make.make_actor({"members.reveal": "IN"})
    other = make.make_member("A1", name="Sunita")
    members.reveal_phone(actor=chief, member_id=other.pk, reason="other", note="called Sunita back")
    erase(one)
    assert Reveal.objects.get().note == "called Sunita back"


def test_only_the_system_erases_and_only_members(life):
    with pytest.raises(Forbidden):
        services.erase_member(actor=make.make_actor({"rights.handle": "IN"}), member_id=life.pk, because="x")
    for act in (lambda: services.what_erasure_takes(member_id=0), lambda: erase(Member(pk=0))):
        with pytest.raises(MemberNotFound):
            act()


class TestStayingAway:
    def test_a_list_does_not_bring_them_back(self, life, tmp_path):
        erase(life)
        path = tmp_path / "again.csv"
        path.write_text(f"name,phone,territory\n{NAME},019823 7645,A1\nRavi Kumar,0123400001,A1\n")
        report = members.import_members(actor=SYSTEM, drive_code="drive", path=path)
        assert (report.created, [problem.code for problem in report.problems]) == (1, ["erased_on_request"])
        path.unlink()
        assert hits_in_tables() == []

    def test_they_themselves_can_come_back(self, life):
        erase(life)
        again = members.enrol_member(
            drive_code="drive", name=NAME, phone=PHONE, territory_code="A1", language="en",
            consents={"adult": True, "membership": True}, evidence={},
        )  # fmt: skip
        assert again.pk != life.pk
        assert not ErasedNumber.objects.exists()
        assert list(members.find_buried()) == []

    def test_a_restored_backup_is_erased_again(self, life, settings):
        """T19: the rows as they were, the tombstones of the database gone with it; the file is kept apart."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE backup_m AS SELECT * FROM members_member")
            cursor.execute("CREATE TEMP TABLE backup_p AS SELECT * FROM members_contactpoint")
        erase(life)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM members_erasednumber")
            cursor.execute(
                """UPDATE members_member m SET name = b.name, state = b.state, territory_id = b.territory_id
                   FROM backup_m b WHERE b.id = m.id"""
            )
            cursor.execute("INSERT INTO members_contactpoint SELECT * FROM backup_p")
            cursor.execute("DROP TABLE backup_m, backup_p")
        assert hits_in_tables()
        assert [report.member_id for report in services.replay_tombstones(actor=SYSTEM)] == [life.pk]
        assert hits_in_tables() == []
        assert ErasedNumber.objects.count() == 1
        assert services.replay_tombstones(actor=SYSTEM) == []

    def test_another_person_who_got_the_id_after_a_restore_is_left_alone(self, life):
        erase(life)
        Member.objects.filter(pk=life.pk).update(name="Ravi Kumar", state="active")
        make.make_member("A1", phone="+910000000099").contact_points.update(member_id=life.pk)
        assert services.replay_tombstones(actor=SYSTEM) == []
        assert Member.objects.get(pk=life.pk).name == "Ravi Kumar"

    def test_the_file_of_tombstones_is_private_and_tells_nothing(self, life, settings):
        erase(life)
        path = Path(settings.RIGHTS_DIR) / "tombstones.jsonl"
        assert path.stat().st_mode & 0o777 == 0o600
        assert set(json.loads(path.read_text())) == {"member", "number", "erased_at"}
        assert not TRACES.search(path.read_text())
        assert not any(index.hex() in path.read_text() for index in indexes())


def test_every_holding_was_erased_from_at_least_once(life):
    """A holding that this life never touched would prove nothing by being empty."""
    counts = services.what_erasure_takes(member_id=life.pk).counts()
    untouched = {holding.key for holding in personal_data.holdings() if not counts[holding.key]}
    assert untouched <= {"audit.entries", "access.roles", "accounts.factors", "rights.requests", "sharing.conversions",
                         "sharing.reach", "rights.breaches", "dues.receipts"}  # fmt: skip


# -- below the tables ------------------------------------------------------------------------------


def _database_files():
    """PostgreSQL's own files of this database, of all its tables, indexes and statistics."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (oid,) = cursor.fetchone()
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone()
    return Path(folder) / "base" / str(oid)


def _statistics():
    """Tables whose statistics, kept for the planner, hold the name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, most_common_vals::text, histogram_bounds::text FROM pg_stats")
        return [table for table, *values in cursor.fetchall() if TRACES.search(str(values))]


@pytest.mark.django_db(transaction=True)
def test_not_even_the_files_of_the_database_hold_it_once_they_are_packed(life):
    """What an erasure leaves behind until PostgreSQL reuses the space. Its log of writes (pg_wal) is left out: it
    is overwritten in its own time, and is part of what a backup of the server keeps."""
    make.make_member("A1", name="Sunita Devi")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    folder = _database_files()
    if not os.access(folder, os.R_OK):
        pytest.skip("the database's files lie elsewhere")
    assert hits_in_files(folder)
    assert _statistics()
    erase(life)
    services.finish_erasure(pseudonym=life.pk)
    assert _statistics() == []
    assert hits_in_tables() == []
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL")
    assert hits_in_files(_database_files()) == []


@pytest.mark.django_db(transaction=True)
def test_what_a_request_added_at_the_same_moment_goes_too(life):
    erase(life)
    make.make_card(life)
    services.finish_erasure(pseudonym=life.pk)
    assert not life.cards.exists()
