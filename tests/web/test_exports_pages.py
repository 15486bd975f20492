"""Lists at the desk: asked for, approved by another, fetched by who asked, for a day."""

import csv
import io
from datetime import timedelta

import pytest

from tests import factories as make
from toli.access.models import RoleAssignment
from toli.core import clock
from toli.members import services
from toli.members.models import Export, ExportState

PHONE = "+910123454321"
FIELDS = {"columns": ["name", "masked_phone"], "purpose": "for the meeting"}
ASK = "/console/t/07/export"


@pytest.fixture(autouse=True)
def threshold(settings):
    """Two members alone; a third needs somebody else."""
    settings.TOLI_EXPORT_ALONE_ROWS = 2


@pytest.fixture
def account(world):
    return make.make_headquarters("07")


@pytest.fixture
def chief(account, browser):
    """Every permission on 07."""
    return browser(account)


@pytest.fixture
def colleague(world, browser):
    return browser(make.make_headquarters("07"))


@pytest.fixture
def crowd(world):
    for _ in range(3):
        make.make_member("A1")


def text(answer):
    return answer.content.decode()


def ask(desk, address=ASK, **changes):
    return desk.post(address, {**FIELDS, **changes})


@pytest.fixture
def ready(chief):
    """A list of the chief's that has been made."""
    ask(chief)
    export = Export.objects.get()
    services.make_export(export_id=export.pk)
    return export


def link_of(desk, export):
    return desk.post(f"/console/exports/{export.pk}/link").headers["Location"]


class TestAsking:
    def test_a_small_list_is_made_at_once(self, chief):
        assert "made at once" in text(chief.get(ASK))
        answer = ask(chief)
        assert answer.headers["Location"] == "/console/exports"
        export = Export.objects.get()
        assert (export.state, export.columns, export.rows) == (ExportState.MAKING, FIELDS["columns"], 1)
        assert "is being made" in text(chief.get("/console/exports"))

    def test_a_large_one_waits_and_the_page_says_so_before(self, chief, crowd):
        assert "Somebody else has to approve" in text(chief.get(ASK))
        ask(chief)
        assert Export.objects.get().state == ExportState.WAITING
        assert "waits for a second person" in text(chief.get("/console/exports"))

    def test_one_that_is_too_large_offers_no_form(self, chief, crowd, settings):
        settings.TOLI_EXPORT_MAX_ROWS = 3
        shown = text(chief.get(ASK))
        assert "too many for one list" in shown
        assert "<textarea" not in shown
        assert 'name="purpose"' not in shown
        answer = ask(chief)
        assert answer.status_code == 400
        assert "3 is the most" in text(answer)

    def test_when_the_day_is_used_up_the_answer_is_no(self, chief, crowd, settings):
        settings.TOLI_EXPORT_ROWS_PER_DAY = 5
        assert ask(chief).status_code == 303
        answer = ask(chief)
        assert answer.status_code == 403
        assert Export.objects.count() == 1

    @pytest.mark.parametrize(
        "changes", [{"columns": []}, {"columns": ["account"]}, {"columns": ["name", "ref"]}, {"purpose": ""}]
    )
    def test_what_is_missing_or_not_on_the_list_is_refused(self, chief, changes):
        answer = ask(chief, **changes)
        assert answer.status_code == 400
        assert "choose at least one column" in text(answer)
        assert not Export.objects.exists()

    def test_full_numbers_are_offered_to_those_only_who_may_see_them_there(self, world, chief, browser):
        assert 'value="phone"' in text(chief.get(ASK))
        account = make.make_account()
        make.make_actor({"members.export": "07", "members.reveal": "070"}, account=account)
        desk = browser(account)
        assert 'value="phone"' not in text(desk.get(ASK))
        assert ask(desk, columns=["name", "phone"]).status_code == 400
        assert not Export.objects.exists()

    def test_a_place_without_members_says_so(self, world, chief):
        make.make_territory("IN/UP/07/A9")
        assert "There are no members here" in text(chief.get("/console/t/A9/export"))

    def test_hidden_fields_change_nothing(self, account, chief, crowd):
        other = make.make_account()
        hidden = {
            "asked_by": other.pk, "asked_by_id": other.pk, "state": "ready", "rows": 1, "decided_by_id": other.pk,
            "territory": "070", "territory_code": "070", "token_hash": "x", "downloads": -9, "language": "zz",
        }  # fmt: skip
        ask(chief, **hidden)
        export = Export.objects.get()
        assert (export.asked_by, export.state, export.rows, export.decided_by) == (account, "waiting", 4, None)
        assert (export.territory.code, export.token_hash, export.downloads) == ("07", None, 0)
        assert export.language == "en"

    def test_a_coordinator_takes_no_lists(self, coordinator, world):
        assert ask(coordinator).status_code == 403
        assert "/console/exports" not in text(coordinator.get("/console/t/07/members"))

    def test_the_way_there_stands_on_the_page_of_members(self, chief):
        shown = text(chief.get("/console/t/07/members"))
        assert f'href="{ASK}"' in shown
        assert 'href="/console/exports"' in shown
        assert 'href="/console/exports/waiting"' in shown


class TestApproving:
    @pytest.fixture
    def waiting(self, chief, crowd):
        ask(chief)
        return Export.objects.get()

    def test_another_sees_what_is_asked_and_lets_it_be_made(self, waiting, colleague):
        shown = text(colleague.get("/console/exports/waiting"))
        assert "for the meeting" in shown
        assert "full numbers" not in shown
        assert colleague.post(f"/console/exports/{waiting.pk}/approve").status_code == 303
        waiting.refresh_from_db()
        assert waiting.state == ExportState.MAKING
        assert "Nothing waits" in text(colleague.get("/console/exports/waiting"))

    def test_full_numbers_are_pointed_out(self, waiting, colleague):
        Export.objects.update(columns=["name", "phone"])
        assert "full numbers" in text(colleague.get("/console/exports/waiting"))

    def test_or_refuses_it(self, waiting, chief, colleague):
        colleague.post(f"/console/exports/{waiting.pk}/refuse")
        waiting.refresh_from_db()
        assert waiting.state == ExportState.REFUSED
        assert "refused" in text(chief.get("/console/exports"))

    @pytest.mark.parametrize("verb", ["approve", "refuse"])
    def test_never_who_asked(self, waiting, chief, verb):
        assert "for the meeting" not in text(chief.get("/console/exports/waiting"))
        answer = chief.post(f"/console/exports/{waiting.pk}/{verb}")
        assert answer.status_code == 403
        assert "cannot approve it" in text(answer)
        waiting.refresh_from_db()
        assert waiting.state == ExportState.WAITING

    def test_nor_anybody_of_the_place_next_door(self, waiting, browser):
        desk = browser(make.make_headquarters("070"))
        assert desk.post(f"/console/exports/{waiting.pk}/approve").status_code == 404
        assert "for the meeting" not in text(desk.get("/console/exports/waiting"))

    def test_a_decision_is_made_once(self, waiting, colleague):
        colleague.post(f"/console/exports/{waiting.pk}/refuse")
        answer = colleague.post(f"/console/exports/{waiting.pk}/approve")
        assert answer.status_code == 409
        assert "refused" in text(answer)

    def test_a_link_of_an_address_decides_nothing(self, waiting, colleague):
        assert colleague.get(f"/console/exports/{waiting.pk}/approve").status_code == 303
        waiting.refresh_from_db()
        assert waiting.state == ExportState.WAITING


class TestFetching:
    def test_who_asked_gets_a_file_that_spreadsheets_read_and_that_bears_marks(self, chief, ready):
        address = link_of(chief, ready)
        assert "Download the file" in text(chief.get(address))
        answer = chief.post(address)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="members-07-{clock.today()}.csv"'
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.content.startswith(b"\xef\xbb\xbf")
        header, row, last = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert (header[0], row[0], row[2]) == ("Name", "Sunita Devi", ready.listed.get().ref)
        assert "Head Quarters" in last[0]

    def test_looking_at_the_link_does_not_count(self, chief, ready):
        address = link_of(chief, ready)
        for method in (chief.get, chief.head, chief.get):
            assert method(address).status_code == 200
        ready.refresh_from_db()
        assert ready.downloads == 0

    def test_three_times(self, chief, ready):
        address = link_of(chief, ready)
        assert [chief.post(address).status_code for _ in range(4)] == [200, 200, 200, 404]
        shown = text(chief.get("/console/exports"))
        assert "over" in shown
        assert f"/console/exports/{ready.pk}/link" not in shown

    def test_when_it_is_over_the_page_says_what_to_do(self, chief, ready):
        address = link_of(chief, ready)
        Export.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        for answer in (chief.get(address), chief.post(address)):
            assert answer.status_code == 404
            assert "has expired or has been used up" in text(answer)
            assert 'href="/console/exports"' in text(answer)
            assert "Sunita" not in text(answer)

    def test_for_nobody_else(self, chief, ready, colleague, coordinator, sunita, browser):
        address = link_of(chief, ready)
        assert [desk.post(address).status_code for desk in (colleague, coordinator, sunita)] == [404, 403, 403]
        assert browser().post(address).headers["Location"].startswith("/sign-in")
        assert colleague.post(f"/console/exports/{ready.pk}/link").status_code == 404
        assert chief.post(address).status_code == 200

    def test_not_after_the_role_has_ended(self, account, chief, ready):
        address = link_of(chief, ready)
        make.make_actor({"members.export": "070"}, account=account)
        RoleAssignment.objects.filter(role__code="headquarters", account=account).delete()
        assert chief.post(address).status_code == 404
        assert chief.post(f"/console/exports/{ready.pk}/link").status_code == 404

    def test_the_newest_link_only(self, chief, ready):
        first, second = link_of(chief, ready), link_of(chief, ready)
        assert [chief.post(address).status_code for address in (first, second)] == [404, 200]

    def test_before_it_is_made_there_is_no_link(self, chief, crowd):
        ask(chief)
        assert chief.post(f"/console/exports/{Export.objects.get().pk}/link").status_code == 409


def test_nobody_has_lists_at_first(chief):
    assert "No lists yet" in text(chief.get("/console/exports"))
