"""What all tests share. Rows are made by tests/factories.py; the database is always PostgreSQL."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as laws

from tests.alone import AnotherRun, alone_in
from tests.emptying import SEALED, empty_tables, hasten
from tests.migrated import keep_migrated
from tests.workers import WORKER
from toli.accounts.ports import all_accepted
from toli.core import limits

pytest_plugins = ["tests.matrix.furnishing"]

# A busy machine is slow, which breaks no law; the first number parsed also loads the world's numbering plans.
laws.register_profile("toli", deadline=None)
# Whether a change may land does not hang on luck: there the same examples each time, everywhere else new ones.
laws.register_profile("landing", deadline=None, derandomize=True)
laws.load_profile("landing" if os.environ.get("CI") else "toli")


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request):
    """A process with a server of its own needs no name of its own for its database."""
    if settings.EMBEDDED_POSTGRES is None and WORKER:
        for database in settings.DATABASES.values():
            database.setdefault("TEST", {})["NAME"] = f"test_{database['NAME']}_{WORKER}"


@pytest.fixture(scope="session")
def _the_only_run(django_db_modify_db_settings):
    """Taken before the test database is made; a second run in it ends here."""
    usual = connection.get_connection_params()
    server = {name: usual[name] for name in ("host", "port", "user", "password") if usual.get(name)}
    with ExitStack() as held:
        try:
            held.enter_context(alone_in(connection.creation._get_test_db_name(), **server))
        except AnotherRun as error:
            pytest.exit(str(error), returncode=3)
        if settings.EMBEDDED_POSTGRES is not None:
            hasten(**server)
        yield


@pytest.fixture(scope="session")
def django_db_setup(_the_only_run, django_db_setup, django_db_blocker, request):
    """Tests that commit empty all tables at their end, which the audit trail refuses everybody."""
    with django_db_blocker.unblock():
        _trail_guard("ENABLE ALWAYS")
        if any(item.path.parent.name == "bench" for item in request.session.items):
            keep_migrated()
        _trail_guard("DISABLE")
    if settings.EMBEDDED_POSTGRES is not None:
        TransactionTestCase._fixture_teardown = lambda _test: empty_tables()


def _trail_guard(whether: str) -> None:
    with connection.cursor() as cursor:
        for table in SEALED:
            cursor.execute(f"ALTER TABLE {table} {whether} TRIGGER audit_no_truncate")


@pytest.fixture(autouse=True)
def _english():
    """Messages are checked in English unless a test chooses otherwise."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _hits_end_with_the_test(request, monkeypatch):
    """Tries are counted in the test's own transaction, unless it asks for ``counted_apart``."""
    if "counted_apart" not in request.fixturenames:
        monkeypatch.setattr(limits, "_apart", lambda: connection)


@pytest.fixture
def counted_apart():
    """Tries are counted as they are outside of tests: on a connection of their own inside a transaction."""
    yield
    limits.hang_up()


class KeptTexts(list):
    """All messages handed over so far."""

    def send_many(self, messages):
        self.extend(messages)
        return all_accepted("kept", messages)


@pytest.fixture
def texts(monkeypatch):
    """What members were written, in order."""
    sender = KeptTexts()
    monkeypatch.setattr("toli.members.services.sending.text_sender", lambda: sender)
    return sender


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Nothing a test sends or uploads lands in the checkout."""
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.MAIL_DIR = tmp_path / "mail"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.IMPORTS_DIR = tmp_path / "imports"
    settings.RIGHTS_DIR = tmp_path / "rights"
    settings.AUDIT_DIR = tmp_path / "audit"
    settings.MESSAGING_DIR = tmp_path / "messaging"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real reference data, where it lies beside the checkout; tests that use it are skipped elsewhere."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TOLI_TEST_SHARED_DATA", default))
    if not (folder / "territory").is_dir():
        pytest.skip("the reference data is not on this machine")
    return folder
