"""Every messy file, one after another: rows in = members made + known ones + refused ones. ``-s`` shows the table."""

import pytest

from tests.members.messy import files
from tests.members.test_messy_files import account
from toli.members.models import Member


@pytest.mark.django_db
def test_nothing_is_dropped_silently(take, tmp_path):
    table = []
    for place, messy in enumerate(files()):
        path = tmp_path / f"messy-{place}"
        path.write_bytes(messy.content)
        before = Member.objects.count()
        looked = take(path, dry_run=True, territory="A1")
        report = take(path, territory="A1")
        became = account(report)
        assert report.rows == sum(became.values())
        assert account(looked) == became
        assert Member.objects.count() - before == report.created
        again = take(path, territory="A1")
        assert (again.rows, again.created, again.updated) == (report.rows, 0, 0)
        table.append((messy.name, report.rows, dict(became)))
        assert became == messy.expected, messy.name
    print("", *(f"{name}: {rows} rows, {became}" for name, rows, became in table), sep="\n")  # noqa: T201
