"""The keys of names follow the names, also where these were changed by one statement for many members."""

from collections.abc import Sequence

from django.db import connection

from toli.members.domain.names import kept_keys


def refresh_name_keys(member_ids: Sequence[int]) -> None:
    """Write the keys of these members anew, from the names that they have now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM members_member WHERE id = ANY(%s)", [list(member_ids)])
        rows = cursor.fetchall()
        cursor.execute(
            """UPDATE members_member kept SET name_keys = given.keys
               FROM unnest(%s::bigint[], %s::text[]) AS given (id, keys) WHERE kept.id = given.id""",
            [[pk for pk, _name in rows], [kept_keys(name) for _pk, name in rows]],
        )
