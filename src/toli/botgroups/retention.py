"""What came from the platform is forgotten once it is worked off; who was in a group, some time after they left."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

register(
    Term(
        key="botgroups.updates",
        label=_("Numbers of updates from the platform"),
        tables=("botgroups_update",),
        days=2,
        least=1,
        most=30,
        since=_("since they came"),
        why=_("The platform sends an update again for up to a day. Its content goes as soon as it is worked off."),
        after=After.DELETED,
        store=Rows("botgroups_update", "received_at", "done_at IS NOT NULL"),
    )
)
register(
    Term(
        key="botgroups.orders",
        label=_("What the bot did, without the person"),
        tables=("botgroups_order",),
        days=30,
        least=2,
        most=365,
        since=_("since it was done"),
        why=_("To answer why somebody was let in or not."),
        after=After.DELETED,
        store=Rows("botgroups_order", "done_at", "state <> 'waiting'"),
    )
)
register(
    Term(
        key="botgroups.presences",
        label=_("Hashes of accounts that left a group"),
        tables=("botgroups_presence",),
        days=90,
        least=1,
        most=365,
        since=_("since they left"),
        why=_("News that comes late must not bring them back."),
        after=After.DELETED,
        store=Rows("botgroups_presence", "at", "NOT inside"),
    )
)
register(
    Term(
        key="botgroups.codes",
        label=_("One-time codes for starting the bot"),
        tables=("botgroups_code",),
        days=7,
        least=1,
        most=90,
        since=_("since they ended"),
        why=_("To see why a code was not taken."),
        after=After.DELETED,
        store=Rows("botgroups_code", "expires_at"),
    )
)
stays(
    "botgroups_platformaccount",
    what=_("Your account on the platform of your group"),
    until=_("as long as the membership, or until you disconnect it"),
    why=_("The bot knows by it who may enter. It goes with the membership."),
)
