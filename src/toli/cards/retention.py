"""Cards go with the membership; why one was revoked is forgotten earlier."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

register(
    Term(
        key="cards.reasons",
        label=_("Why a card was revoked"),
        tables=("cards_card",),
        days=365,
        least=30,
        most=1095,
        since=_("since it was revoked"),
        why=_("To answer questions about it. The card itself goes with the membership."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "cards_card", "revoked_at", "revoked_because <> ''", blank="revoked_because = ''", about="member_id"
        ),
    )
)
stays(
    "cards_withdrawnkey",
    what=_("Signing keys that were withdrawn, and why"),
    until=_("as long as cards are checked"),
    why=_("Cards that such a key signed do not count."),
)
stays(
    "cards_photo",
    what=_("Photos on cards"),
    until=_("until the member removes it or leaves"),
    why=_("It is on the card because the member put it there."),
)
