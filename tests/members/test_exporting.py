"""Lists that leave the house: how large, approved by whom, for how long, and traced back."""

import csv
import io
import stat
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from tests import factories as make
from tests.together import at_once
from toli.access.domain.scope import EVERYWHERE
from toli.access.models import RoleAssignment
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.core.errors import Forbidden
from toli.members import selectors, services
from toli.members.errors import (
    ExportDayLimit,
    ExportEmpty,
    ExportLinkInvalid,
    ExportMisdescribed,
    ExportNotFound,
    ExportPhonesRefused,
    ExportStateWrong,
    ExportTooLarge,
    SamePersonExport,
)
from toli.members.models import Export, ExportRow, ExportState, Member, MemberState
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Node

PHONE = "+910000012345"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.EXPORTS_DIR = tmp_path / "exports"
    return settings.EXPORTS_DIR


def ask(actor, territory="07", columns=("name", "masked_phone"), purpose="for the meeting"):
    return services.ask_for_export(actor=actor, territory_code=territory, columns=columns, purpose=purpose)


def made(actor, **options) -> Export:
    export = ask(actor, **options)
    services.make_export(export_id=export.pk)
    export.refresh_from_db()
    return export


def fetch(actor, export) -> str:
    token = services.open_link(actor=actor, export_id=export.pk)
    return services.download(actor=actor, token=token)[1].decode("utf-8-sig")


def table(text) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def asker(country):
    return make.make_actor({"members.export": "07"})


@pytest.fixture
def approver(country):
    return make.make_actor({"exports.approve": "UP"})


@pytest.fixture
def crowd(country):
    """``crowd(7)``: so many members in A1 in all."""

    def grow(count: int) -> None:
        for _ in range(count - Member.objects.count()):
            make.make_member("A1")

    return grow


class TestContent:
    def test_the_chosen_columns_with_a_mark_in_every_row_and_the_asker_at_the_end(self, asker):
        member = make.make_member("A1", name="Sunita Devi", phone=PHONE, carded=True)
        export = made(asker, columns=("masked_phone", "card", "name"))
        header, row, last = table(fetch(asker, export))
        assert header == ["Name", "Card number", "Number (a few digits)", "ref"]
        number = member.cards.get().number
        assert row[:3] == ["Sunita Devi", f"{number[:4]}-{number[4:8]}-{number[8:]}", "'+91 00••• ••345"]
        assert len(row[3]) == 10
        assert "Asha Rao" in last[0]
        assert clock.today().isoformat() in last[0]
        assert "for the meeting" in last[0]

    def test_all_other_columns(self, asker):
        member = make.make_member("A1", name="Sunita Devi")
        export = made(asker, columns=("code", "place", "joined", "until", "language"))
        row = table(fetch(asker, export))[1]
        assert row[:5] == ["Place A1", "A1", str(member.member_from), str(member.member_until), "hi"]

    def test_only_active_members_of_the_branch_and_none_of_its_twin(self, asker):
        inside = make.make_member("A1", name="Inside")
        make.make_member("B1", name="Twin")
        make.make_member("A2", name="Left", state=MemberState.LEFT)
        text = fetch(asker, made(asker))
        assert "Inside" in text
        assert "Twin" not in text
        assert "Left" not in text
        assert [row.member for row in ExportRow.objects.all()] == [inside]

    def test_full_numbers_only_for_those_who_may_reveal_there(self, asker, country):
        make.make_member("A1", phone=PHONE)
        with pytest.raises(ExportPhonesRefused):
            ask(asker, columns=("phone",))
        elsewhere = make.make_actor({"members.export": "07", "members.reveal": "A1"})
        with pytest.raises(ExportPhonesRefused):
            ask(elsewhere, columns=("phone",))
        both = make.make_actor({"members.export": "07", "members.reveal": "07"})
        assert f"'{PHONE}" in table(fetch(both, made(both, columns=("phone",))))[1]

    @pytest.mark.parametrize("columns", [(), ("name", "account"), ("account__password",), ("ref",)])
    def test_nothing_beside_the_allow_list(self, asker, columns):
        make.make_member("A1")
        with pytest.raises(ExportMisdescribed):
            ask(asker, columns=columns)

    @pytest.mark.parametrize("purpose", ["", "    ", " a  b ", "x" * 201])
    def test_a_purpose_is_needed(self, asker, purpose):
        make.make_member("A1")
        with pytest.raises(ExportMisdescribed):
            ask(asker, purpose=purpose)

    def test_the_file_is_sealed_and_for_its_owner_only(self, asker, folder):
        make.make_member("A1", name="Sunita Devi")
        made(asker)
        [path] = folder.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert b"Sunita" not in path.read_bytes()

    def test_making_twice_makes_one_file(self, asker):
        make.make_member("A1")
        export = made(asker)
        services.make_export(export_id=export.pk)
        assert ExportRow.objects.count() == 1

    def test_no_more_members_than_were_counted(self, asker, crowd):
        crowd(2)
        export = ask(asker)
        crowd(4)
        services.make_export(export_id=export.pk)
        assert ExportRow.objects.count() == 2


class TestLimits:
    @pytest.mark.parametrize(("count", "state"), [(4, "making"), (5, "making"), (6, "waiting")])
    def test_a_second_person_from_the_first_member_above_the_threshold(self, settings, asker, crowd, count, state):
        settings.TOLI_EXPORT_ALONE_ROWS = 5
        crowd(count)
        assert ask(asker).state == state

    def test_small_lists_add_up_to_a_large_one(self, settings, asker, crowd):
        settings.TOLI_EXPORT_ALONE_ROWS = 5
        crowd(2)
        assert [ask(asker).state for _ in range(3)] == ["making", "making", "waiting"]

    @pytest.mark.parametrize("count", [4, 5, 6])
    def test_a_list_has_so_many_members_at_most(self, settings, asker, crowd, count):
        settings.TOLI_EXPORT_MAX_ROWS = 5
        crowd(count)
        if count <= 5:
            assert ask(asker).rows == count
        else:
            with pytest.raises(ExportTooLarge):
                ask(asker)

    @pytest.mark.parametrize(("limit", "lists"), [(5, 2), (6, 3), (7, 3)])
    def test_a_day_has_so_many_members_at_most(self, settings, asker, crowd, limit, lists):
        settings.TOLI_EXPORT_ROWS_PER_DAY = limit
        crowd(2)
        for _ in range(lists):
            ask(asker)
        with pytest.raises(ExportDayLimit):
            ask(asker)
        with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
            assert ask(asker)

    def test_refused_lists_are_not_counted(self, settings, asker, approver, crowd):
        settings.TOLI_EXPORT_ALONE_ROWS = 1
        crowd(2)
        services.refuse_export(actor=approver, export_id=ask(asker).pk)
        assert services.rows_taken(asker.id) == 0

    def test_a_place_without_members_gives_no_list(self, asker):
        with pytest.raises(ExportEmpty):
            ask(asker)

    def test_only_people_ask(self, crowd):
        crowd(1)
        with pytest.raises(Forbidden):
            ask(SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_the_daily_limit_holds_when_all_ask_at_once(settings):
    settings.TOLI_EXPORT_ROWS_PER_DAY, settings.TOLI_EXPORT_ALONE_ROWS = 10, 4
    make.make_territories("IN/UP/07/A1")
    for _ in range(2):
        make.make_member("A1")
    asker = make.make_actor({"members.export": "07"})
    answers = at_once(*[lambda: ask(asker)] * 12)
    assert sum(isinstance(answer, ExportDayLimit) for answer in answers) == 7
    assert Export.objects.filter(state=ExportState.MAKING).count() == 2
    assert Export.objects.filter(state=ExportState.WAITING).count() == 3


class TestTwoPeople:
    @pytest.fixture(autouse=True)
    def _threshold(self, settings, crowd):
        settings.TOLI_EXPORT_ALONE_ROWS = 1
        crowd(2)

    def test_nothing_is_made_before_approval(self, asker, approver, folder):
        export = made(asker)
        assert export.state == ExportState.WAITING
        assert not folder.exists()
        services.approve_export(actor=approver, export_id=export.pk)
        services.make_export(export_id=export.pk)
        export.refresh_from_db()
        assert (export.state, export.decided_by_id) == (ExportState.READY, approver.id)

    def test_never_the_asker(self, country):
        both = make.make_actor({"members.export": "07", "exports.approve": "07"})
        export = ask(both)
        for decide in (services.approve_export, services.refuse_export):
            with pytest.raises(SamePersonExport):
                decide(actor=both, export_id=export.pk)
        assert selectors.exports_to_decide(scope_for(both, "exports.approve"), both) == []

    @pytest.mark.parametrize("code", ["070", "B1", "A1"])
    def test_nor_anybody_of_another_place_or_of_a_part_of_it(self, asker, code):
        export = ask(asker)
        other = make.make_actor({"exports.approve": code})
        for decide in (services.approve_export, services.refuse_export):
            with pytest.raises(ExportNotFound):
                decide(actor=other, export_id=export.pk)
        assert selectors.exports_to_decide(scope_for(other, "exports.approve"), other) == []

    def test_only_once(self, asker, approver):
        export = ask(asker)
        services.refuse_export(actor=approver, export_id=export.pk)
        with pytest.raises(ExportStateWrong):
            services.approve_export(actor=approver, export_id=export.pk)

    def test_two_people_who_decide_at_once_are_told_apart_by_the_row(self, asker, approver):
        export = ask(asker)
        assert selectors.exports_to_decide(scope_for(approver, "exports.approve"), approver) == [export]
        services.approve_export(actor=approver, export_id=export.pk)
        assert selectors.exports_to_decide(scope_for(approver, "exports.approve"), approver) == []


class TestScope:
    @pytest.mark.parametrize("code", ["070", "B1", "UP", "IN", "NOWHERE"])
    def test_nobody_asks_beyond_their_area(self, asker, crowd, code):
        crowd(1)
        make.make_member("B1")
        with pytest.raises(TerritoryNotFound):
            ask(asker, territory=code)

    def test_a_role_that_ended_stops_the_making(self, asker, crowd, folder):
        crowd(1)
        export = ask(asker)
        RoleAssignment.objects.filter(account_id=asker.id).delete()
        services.make_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == ExportState.STOPPED
        assert not folder.exists()

    def test_a_right_to_numbers_that_ended_stops_the_making(self, country, crowd):
        crowd(1)
        both = make.make_actor({"members.export": "07", "members.reveal": "07"})
        export = ask(both, columns=("phone",))
        RoleAssignment.objects.filter(account_id=both.id, role__code="only-members.reveal").delete()
        services.make_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == ExportState.STOPPED

    def test_a_place_that_moved_away_takes_its_lists_along(self, asker, crowd):
        crowd(1)
        export = made(asker, territory="A1")
        token = services.open_link(actor=asker, export_id=export.pk)
        node = Node.objects.get(territory__code="A1")
        node.path, node.parent = "main/IN/UP/070/A1/", Node.objects.get(territory__code="070")
        node.save()
        with pytest.raises(ExportLinkInvalid):
            services.download(actor=asker, token=token)
        with pytest.raises(ExportNotFound):
            services.open_link(actor=asker, export_id=export.pk)


class TestFetching:
    @pytest.fixture
    def export(self, asker, crowd):
        crowd(1)
        return made(asker)

    def test_three_times_and_no_more(self, asker, export):
        token = services.open_link(actor=asker, export_id=export.pk)
        for _ in range(3):
            assert services.download(actor=asker, token=token)[0].endswith(".csv")
        with pytest.raises(ExportLinkInvalid):
            services.download(actor=asker, token=token)
        with pytest.raises(ExportLinkInvalid):
            services.open_link(actor=asker, export_id=export.pk)

    def test_by_nobody_else(self, asker, export):
        token = services.open_link(actor=asker, export_id=export.pk)
        for code in ("07", "070", "IN"):
            other = make.make_actor({"members.export": code, "exports.approve": code})
            with pytest.raises(ExportLinkInvalid):
                services.download(actor=other, token=token)
            with pytest.raises((ExportLinkInvalid, ExportNotFound)):
                services.open_link(actor=other, export_id=export.pk)
        assert services.download(actor=asker, token=token)

    def test_only_the_last_link_works_and_only_its_hash_is_kept(self, asker, export):
        first, second = (services.open_link(actor=asker, export_id=export.pk) for _ in range(2))
        with pytest.raises(ExportLinkInvalid):
            services.download(actor=asker, token=first)
        assert services.download(actor=asker, token=second)
        assert second.encode() not in bytes(Export.objects.get().token_hash)

    def test_for_a_day(self, asker, export):
        token = services.open_link(actor=asker, export_id=export.pk)
        with time_machine.travel(export.expires_at - timedelta(seconds=1)):
            assert services.download(actor=asker, token=token)
        with time_machine.travel(export.expires_at), pytest.raises(ExportLinkInvalid):
            services.download(actor=asker, token=token)

    def test_every_step_is_written_down(self, asker, export):
        fetch(asker, export)
        actions = AuditEntry.objects.filter(target=f"export:{export.pk}").order_by("pk")
        assert [entry.action.removeprefix("members.export.") for entry in actions] == [
            "ask", "ready", "link", "download",
        ]  # fmt: skip

    def test_before_it_is_made_there_is_nothing_to_fetch(self, asker, crowd):
        crowd(1)
        with pytest.raises(ExportStateWrong):
            services.open_link(actor=asker, export_id=ask(asker).pk)

    def test_files_are_deleted_when_their_time_is_over(self, asker, export, folder):
        assert services.purge_exports().lists == ()
        with time_machine.travel(export.expires_at + timedelta(seconds=1)):
            assert len(services.purge_exports().lists) == 1
            assert services.purge_exports().lists == ()
        assert not list(folder.iterdir())
        assert Export.objects.get().state == ExportState.DELETED

    def test_and_when_they_have_been_fetched_often_enough(self, asker, export, folder):
        for _ in range(3):
            fetch(asker, export)
        assert len(services.purge_exports().lists) == 1
        assert not list(folder.iterdir())

    def test_the_files_with_an_erased_member_are_deleted(self, asker, export, folder):
        stranger = make.make_member("B1")
        assert services.delete_exports_with(member_id=stranger.pk) == 0
        assert services.delete_exports_with(member_id=Member.objects.first().pk) == 1
        assert not list(folder.iterdir())


class TestTrace:
    def test_a_leaked_row_leads_to_its_list_and_to_who_asked(self, asker, crowd):
        crowd(3)
        first, second = made(asker), made(asker)
        refs = [row[-1] for row in table(fetch(asker, second))[1:-1]]
        assert len(set(refs)) == 3
        for ref in refs:
            assert selectors.trace(f"{ref[:5].lower()} {ref[5:]}") == [second]
        assert selectors.trace("0000000000") == []
        assert not set(refs) & set(first.listed.values_list("ref", flat=True))

    def test_also_after_the_member_was_deleted(self, asker):
        member = make.make_member("A1")
        export = made(asker)
        ref = export.listed.get().ref
        member.delete()
        assert selectors.trace(ref) == [export]

    def test_members_see_the_lists_that_they_stood_in(self, asker):
        member, other = make.make_member("A1"), make.make_member("B1")
        export = made(asker)
        assert selectors.lists_with(member) == [export]
        assert selectors.lists_with(other) == []


def test_the_operator_sees_all_lists(asker, crowd):
    crowd(1)
    export = ask(asker)
    assert selectors.exports() == [export]
    assert selectors.get_export(EVERYWHERE, export.pk) == export
