"""Seats that ended are kept for a while, so that questions about a group can be answered."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register

register(
    Term(
        key="chatgroups.seats",
        label=_("Places in groups that have ended"),
        tables=("chatgroups_seat",),
        days=365,
        least=30,
        most=1095,
        since=_("since they ended"),
        why=_("To answer questions about it. A place that is held stays as long as the membership."),
        after=After.DELETED,
        store=Rows("chatgroups_seat", "ended_at", "state NOT IN ('reserved', 'invited', 'joined')", about="member_id"),
    )
)
register(
    Term(
        key="chatgroups.waiting",
        label=_("Places on waiting lists of groups that have ended"),
        tables=("chatgroups_waitingplace",),
        days=90,
        least=1,
        most=365,
        since=_("since they ended"),
        why=_("To show how long people had to wait."),
        after=After.DELETED,
        store=Rows("chatgroups_waitingplace", "ended_at", "ended_at IS NOT NULL", about="member_id"),
    )
)
register(
    Term(
        key="chatgroups.outsiders",
        label=_("Hashes of numbers seen in groups without a place"),
        tables=("chatgroups_outsider",),
        days=90,
        least=1,
        most=365,
        since=_("since they were seen last"),
        why=_("To know the same outsider again when the group is looked at the next time."),
        after=After.DELETED,
        store=Rows("chatgroups_outsider", "last_seen_at"),
    )
)
register(
    Term(
        key="chatgroups.rosters",
        label=_("Counts of who was in a group"),
        tables=("chatgroups_roster",),
        days=1095,
        least=30,
        most=3650,
        since=_("since they were taken"),
        why=_("Shows how a group grew, and who looked. It names no member."),
        after=After.DELETED,
        store=Rows("chatgroups_roster", "at"),
    )
)
