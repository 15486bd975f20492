"""The stage of the matrix, built once for all tests of a file: building takes longer than most of them.

Each test acts in a savepoint of its own (pytest-django's ``db`` inside our transaction) and with browsers of its own,
so that none finds what another left.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import translation

from toli.core import limits

FOLDERS = ("OUTBOX_DIR", "MAIL_DIR", "MEDIA_ROOT", "EXPORTS_DIR", "IMPORTS_DIR", "RIGHTS_DIR", "AUDIT_DIR")


@pytest.fixture(scope="module")
def stage_folders(tmp_path_factory) -> dict[str, Path]:
    """Where the things on stage have their files."""
    top = tmp_path_factory.mktemp("stage")
    return {name: top / name.lower() for name in FOLDERS}


@pytest.fixture(scope="module")
def stage_of_module(django_db_setup, django_db_blocker, stage_folders) -> Iterator[object]:
    """Built in a transaction that ends with the file's tests, and is undone then."""
    from tests.matrix import stage

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(limits, "_apart", lambda: connection)
        with override_settings(**stage_folders), translation.override("en"):
            built = stage.build()
        yield built
        transaction.set_rollback(True)


@pytest.fixture
def furnished(stage_of_module, stage_folders, db, settings):
    """The stage as it was built, whatever the tests before did."""
    for name, folder in stage_folders.items():
        setattr(settings, name, folder)
    return stage_of_module.again()
