"""Cards go with the membership; why one was revoked is forgotten earlier."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register

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
