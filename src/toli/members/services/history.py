"""The one way in which place, class, term and state of a membership change: the version that ends is kept.

A roll of members asks what was known at a moment (:func:`settled`). For that, whoever writes a version says so
before they look at the clock, and the moment is taken when none of them is under way.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from toli.core import clock
from toli.members.domain.history import turn
from toli.members.errors import MemberNotFound
from toli.members.models import HistoryReason, Member, PastMembership
from toli.members.services.locking import lock_all_numbers

_HISTORY = 0x746F6C69_68697374  # "tolihist"
FIELDS = frozenset({"territory", "grade", "state", "member_from", "member_until"})


@transaction.atomic
def change_membership(*, member_id: int, reason: HistoryReason, on: date | None = None, **changes: Any) -> Member:
    """Change territory, grade, state, member_from or member_until from the day ``on`` (today) on.

    The caller has checked that the actor may, and writes the trail and the news. A day before the present version
    began counts as that day. What changes nothing closes nothing. Raises MemberNotFound.
    """
    if unknown := set(changes) - FIELDS:
        raise ValueError(f"{sorted(unknown)} are no part of a version")
    writing()
    member = Member.objects.select_for_update(of=("self",)).select_related("territory").filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound
    if all(getattr(member, name) == value for name, value in changes.items()):
        return member
    now, (to_on, since) = clock.now(), turn(member.holds_since, on or clock.today())
    PastMembership.objects.create(
        member=member,
        territory_id=member.territory_id,
        grade=member.grade,
        state=member.state,
        member_from=member.member_from,
        member_until=member.member_until,
        from_on=member.holds_since,
        to_on=to_on,
        reason=reason,
        recorded_at=now,
    )
    for name, value in changes.items():
        setattr(member, name, value)
    member.since, member.updated_at = since, now
    member.save(update_fields=[*changes, "since", "updated_at"])
    return member


def close_versions(member_ids: Sequence[int], *, reason: HistoryReason, reaching_back: bool = False) -> datetime:
    """Close the present versions of many members who change at once; the caller then changes them.

    Returns the moment, for ``updated_at``. With ``reaching_back`` the version that ends held on no day: what follows
    holds from the day on which it had begun.
    """
    writing()
    now, ids = clock.now(), list(member_ids)
    on = "COALESCE(since, member_from)" if reaching_back else "GREATEST(COALESCE(since, member_from), %(today)s)"
    values: dict[str, Any] = {"ids": ids, "now": now, "today": clock.today(), "reason": reason.value}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO members_pastmembership
                  (member_id, territory_id, grade, state, member_from, member_until, from_on, to_on, reason,
                   recorded_at)
                SELECT id, territory_id, grade, state, member_from, member_until, COALESCE(since, member_from),
                       {on} - 1, %(reason)s, %(now)s
                FROM members_member WHERE id = ANY(%(ids)s)""",  # noqa: S608 our own words
            values,
        )
        cursor.execute(f"UPDATE members_member SET since = {on} WHERE id = ANY(%(ids)s)", values)  # noqa: S608
    return now


def writing() -> None:
    """Whoever writes a version: until the transaction ends, nobody takes a moment for settled."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_HISTORY])


@transaction.atomic
def settled() -> datetime:
    """This moment; all that was noted before it is there to be read, and nothing will be noted as of before it.

    Waits for those who are adding members or changing memberships just now. Raises IndexKeyMissing.
    """
    lock_all_numbers()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_HISTORY])
    return clock.now()
