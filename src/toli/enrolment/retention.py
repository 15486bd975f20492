"""Whoever does not answer is forgotten within days; that somebody was asked stays for a while, without a name."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

register(
    Term(
        key="enrolment.applications",
        label=_("People written down at a camp, after they decided or did not answer"),
        tables=("enrolment_application",),
        days=365,
        least=90,
        most=1095,
        since=_("since it ended; name and number go at once then"),
        why=_("Shows who enrolled whom, how many answered, and keeps who said no from being written down again."),
        after=After.DELETED,
        store=Rows("enrolment_application", "ended_at", "ended_at IS NOT NULL", about="member_id"),
    )
)
stays(
    "enrolment_device",
    what=_("Phones of coordinators"),
    until=_("as long as entries from them are kept"),
    why=_("Only the public key and the day."),
)
