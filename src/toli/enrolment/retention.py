"""How long it is kept who was written down, how somebody came in, and what was decided about it."""

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


register(
    Term(
        key="enrolment.arrivals",
        label=_("Phone, number range and link that somebody joined by, as keyed hashes"),
        tables=("enrolment_arrival",),
        days=90,
        least=7,
        most=90,
        since=_("since they joined"),
        why=_("To notice batches of invented members, and where people came from who say they never joined."),
        after=After.DELETED,
        store=Rows("enrolment_arrival", "at", about="member_id"),
    )
)
register(
    Term(
        key="enrolment.words",
        label=_("Reasons in the fraud inbox"),
        tables=("enrolment_casestep",),
        days=1095,
        least=90,
        most=3650,
        since=_("since they were written"),
        why=_("Shows why memberships were refused or released, as long as claims can be made."),
        after=After.PSEUDONYMISED,
        store=Rows("enrolment_casestep", "at", "words <> ''", blank="words = ''"),
        evidence=True,
    )
)
register(
    Term(
        key="enrolment.counted",
        label=_("Number range and name of who was written down, as keyed hashes"),
        tables=("enrolment_application",),
        days=90,
        least=7,
        most=90,
        since=_("since they were written down"),
        why=_("To notice a helper who copies a list."),
        after=After.COUNTED,
        store=Rows(
            "enrolment_application",
            "received_at",
            "(block_key IS NOT NULL OR name_key IS NOT NULL)",
            blank="block_key = NULL, name_key = NULL",
            about="member_id",
        ),
    )
)
register(
    Term(
        key="enrolment.wishes",
        label=_("What members asked for about their membership, after the answer"),
        tables=("enrolment_wish",),
        days=730,
        least=90,
        most=3650,
        since=_("since it was answered"),
        why=_("Shows the member and the desk who decided what, and why."),
        after=After.DELETED,
        store=Rows("enrolment_wish", "decided_at", "decided_at IS NOT NULL", about="member_id"),
    )
)
register(
    Term(
        key="enrolment.frames",
        label=_("Out of whom members were drawn by lot, as numbers of entries"),
        tables=("enrolment_callsample",),
        days=365,
        least=90,
        most=1095,
        since=_("since they were drawn"),
        why=_("So that the drawing can be checked. Who was called, and what they said, stays."),
        after=After.COUNTED,
        store=Rows("enrolment_callsample", "drawn_at", "frame <> '{}'", blank="frame = '{}'"),
    )
)
stays(
    "enrolment_callline",
    what=_("That somebody was drawn by lot to be called, and what they said"),
    until=_("as long as the membership"),
    why=_("Nobody is called twice, and the counts of a place stay true; erased with the membership."),
)
stays(
    "enrolment_heldmember",
    what=_("That somebody's joining was checked"),
    until=_("as long as the membership"),
    why=_("Shows what was decided about them; erased with it."),
)
