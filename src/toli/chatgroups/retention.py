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
