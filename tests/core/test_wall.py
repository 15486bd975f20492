"""The second wall: rows outside the area do not exist for the application's role, whatever the query says."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from tests.enclosed import enclosed
from tests.factories import (
    make_campaign,
    make_group,
    make_kit,
    make_member,
    make_organisation,
    make_territories,
)
from toli.accounts.domain.actor import SYSTEM
from toli.cards.models import Card
from toli.cards.services import issue_cards
from toli.chatgroups.models import ChatGroup
from toli.content.models import Kit
from toli.core import wall
from toli.members.models import ConsentRecord, ContactPoint, Member
from toli.members.services import open_account, set_consent
from toli.sharing.models import ShareLink
from toli.sharing.services import share_link
from toli.territories import selectors as territories

# Tables of Django and of the job queue, of which nothing is shown on a page by id.
FRAMEWORK = ("django_", "procrastinate_", "auth_")


@pytest.fixture
def two(db):
    """Members of 07 and of 070, each with a card, a consent and a link. ``paths[code]`` are branches."""
    make_organisation()
    places = make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    members = {code: make_member(code, name=f"Member {code}") for code in ("A1", "B1")}
    issue_cards(actor=SYSTEM)
    kit = make_kit("IN")
    for member in members.values():
        set_consent(member_id=member.pk, purpose="content", given=True, language="hi", evidence={})
        share_link(member_id=member.pk, kit_id=kit.pk, channel="whatsapp")
    members["paths"] = {code: territories.path_of(place.pk) for code, place in places.items()}
    return members


PEOPLE = (Member, ContactPoint, ConsentRecord, Card, ShareLink)


@pytest.mark.parametrize("model", PEOPLE)
def test_a_forgotten_filter_shows_only_ones_own_area(two, model):
    owner = {"A1": two["A1"].pk, "B1": two["B1"].pk}
    column = "pk" if model is Member else "member_id"
    for area, inside in (("07", "A1"), ("070", "B1")):
        with wall.behind(paths=[two["paths"][area]]):
            assert set(model.objects.values_list(column, flat=True)) == {owner[inside]}


@pytest.mark.parametrize("model", PEOPLE)
def test_without_an_area_there_is_nothing(two, model):
    with wall.behind():
        assert model.objects.count() == 0
    assert model.objects.count() >= 2


def test_raw_sql_meets_the_same_wall(two):
    with wall.behind(paths=[two["paths"]["07"]]), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM members_member")
        assert cursor.fetchall() == [("Member A1",)]


def test_members_see_themselves_and_nobody_else(two):
    account = open_account(member_id=two["A1"].pk)
    with wall.behind(account=account.pk):
        assert [member.name for member in Member.objects.all()] == ["Member A1"]
        assert {card.member_id for card in Card.objects.all()} == {two["A1"].pk}


def test_nothing_can_be_moved_or_written_across(two):
    elsewhere = two["B1"].territory_id
    with pytest.raises(DatabaseError), wall.behind(paths=[two["paths"]["07"]]):
        Member.objects.filter(pk=two["A1"].pk).update(territory_id=elsewhere)
    with wall.behind(paths=[two["paths"]["07"]]):
        assert Member.objects.filter(pk=two["B1"].pk).update(name="Taken") == 0
        assert Member.objects.filter(pk=two["B1"].pk).delete()[0] == 0
    assert Member.objects.get(pk=two["B1"].pk).name == "Member B1"


def test_a_member_who_moved_is_seen_from_the_new_place_at_once(two):
    Member.objects.filter(pk=two["A1"].pk).update(territory_id=two["B1"].territory_id)
    with wall.behind(paths=[two["paths"]["07"]]):
        assert not Member.objects.exists()
        assert not Card.objects.exists()


def test_groups_are_seen_where_they_serve(two):
    campaign = make_campaign()
    group = make_group(campaign, "07")
    for area, seen in (("07", {group.pk}), ("A1", set()), ("070", set())):
        with wall.behind(paths=[two["paths"][area]]):
            assert set(ChatGroup.objects.values_list("pk", flat=True)) == seen


def test_drafts_are_seen_at_home_what_is_live_everywhere(two):
    draft = make_kit("07", state="draft")
    with wall.behind(paths=[two["paths"]["070"]]):
        assert not Kit.objects.filter(pk=draft.pk).exists()
        assert Kit.objects.filter(state="live").exists()
    with wall.behind(paths=[two["paths"]["07"]]):
        assert Kit.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("table", ["audit_auditentry", "members_consentrecord"])
def test_what_was_written_down_stays(two, table):
    with pytest.raises(DatabaseError), wall.behind(paths=[two["paths"]["IN"]]), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET at = now()")
    with pytest.raises(DatabaseError), wall.behind(paths=[two["paths"]["IN"]]), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_lifting_shows_everything_and_ends(two):
    with wall.behind(paths=[two["paths"]["07"]]):
        with wall.lifted("a test"):
            assert Member.objects.count() == 2
        assert Member.objects.count() == 1


def test_lifting_ends_also_when_something_goes_wrong(two):
    with wall.behind(paths=[two["paths"]["07"]]):
        with pytest.raises(LookupError), wall.lifted("a test"):
            raise LookupError
        assert Member.objects.count() == 1
        with pytest.raises(DatabaseError), transaction.atomic(), wall.lifted("a test"), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert Member.objects.count() == 1


def test_a_hole_needs_a_reason():
    with pytest.raises(ValueError, match="why"), wall.lifted(""):
        pass


def test_the_role_owns_nothing_and_cannot_change_the_wall(two):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = %s", [wall.ROLE])
        assert cursor.fetchone()[0] == 0
    for statement in ("ALTER TABLE members_member DISABLE ROW LEVEL SECURITY", "TRUNCATE audit_auditentry"):
        with pytest.raises(DatabaseError), wall.behind(paths=[two["paths"]["IN"]]), connection.cursor() as cursor:
            cursor.execute(statement)


def test_every_table_says_who_may_see_it(db):
    with connection.cursor() as cursor:
        tables = {name for name in connection.introspection.table_names(cursor) if not name.startswith(FRAMEWORK)}
    assert tables == set(wall.declared())


def test_a_column_without_its_table_is_refused():
    with pytest.raises(ValueError, match=r"table\.column"):
        wall.territory("territory_id")


@pytest.mark.django_db(transaction=True)
def test_an_enclosed_process_sees_nothing_until_a_page_says_who_looks():
    area = territories.path_of(make_territories("IN/UP/07/A1")["07"].pk)
    make_member("A1")
    with enclosed():
        assert Member.objects.count() == 0
        with wall.lifted("a test"):
            assert Member.objects.count() == 1
        with transaction.atomic():
            with wall.lifted("a test"):
                assert Member.objects.count() == 1
            assert Member.objects.count() == 0
        with wall.behind(paths=[area]):
            assert Member.objects.count() == 1
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_wall_can_be_lifted_before_the_first_query_of_a_thread():
    make_territories("IN/UP/07/A1")
    make_member("A1")
    found = []

    def look():
        with wall.lifted("a test"):
            found.append(Member.objects.count())
        connection.close()

    with enclosed():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == [1]
