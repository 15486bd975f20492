"""After a test that commits the next one finds nothing, however quickly the tables were emptied."""

import threading

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from tests.emptying import NOT_NEEDED, empty_tables
from tests.factories import make_member, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.audit.models import AuditEntry
from toli.members.models import Member
from toli.territories.models import Territory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(settings.EMBEDDED_POSTGRES is None, reason="the server is somebody else's"),
]


def filled_tables():
    """Counted one by one, as slowly as one likes."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        counts = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return {name for name, count in counts.items() if count}


def test_what_was_committed_is_gone_from_all_tables():
    before = filled_tables()
    make_territories("IN/UP/07")
    make_member("07")
    assert {"members_member", "territories_node"} <= filled_tables() - before
    empty_tables()
    assert filled_tables() == before == {"django_content_type", "auth_permission"}
    assert ContentType.objects.get_for_model(Member).pk


def test_the_trail_is_emptied_though_nobody_can_remove_an_entry():
    audit.record(actor_kind=SYSTEM.kind, actor_id=None, action="cards.issue", target="cards")
    assert AuditEntry.objects.exists()
    empty_tables()
    assert not AuditEntry.objects.exists()


def test_whoever_still_writes_is_waited_for():
    """A page may still be under way when its test ends."""
    wrote, seen = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            make_territories("IN")
            wrote.set()
            seen.wait(0.3)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    wrote.wait(60)
    empty_tables()
    writer.join()
    assert not Territory.objects.exists()


def test_the_server_does_not_wait_for_its_disk():
    with connection.cursor() as cursor:
        for name in NOT_NEEDED:
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone()[0] == "off"
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone()[0] == "on"  # else what was committed would not outlive a kill -9
