"""Codes and the key of the index that finds the number they were sent to."""

from django.db import connection

from toli.accounts.models import OneTimeCode
from toli.core import clock

_OF_VERSION = "length(address_index) > 0 AND get_byte(address_index, 0) = %s"


def code_index_versions() -> dict[int, int]:
    """How many codes, used and expired ones included, are found by each version of the index key."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT get_byte(address_index, 0), count(*) FROM accounts_onetimecode
               WHERE length(address_index) > 0 GROUP BY 1 ORDER BY 1"""
        )
        return dict(cursor.fetchall())


def open_codes_under(version: int) -> int:
    """How many codes that can still be accepted are found by this version."""
    codes = OneTimeCode.objects.extra(where=[_OF_VERSION], params=[version])  # noqa: S610 our own words
    return codes.filter(used_at__isnull=True, expires_at__gt=clock.now()).count()


def forget_codes_under(version: int) -> None:
    """Delete the codes that nobody could find any more without this version."""
    OneTimeCode.objects.extra(where=[_OF_VERSION], params=[version]).delete()  # noqa: S610 our own words
