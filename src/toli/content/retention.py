"""Texts are public and stay; a picture may show people who never asked for it, and goes."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

_ENDED_AT = "(SELECT LEAST(k.valid_until, k.withdrawn_at) FROM content_kit k WHERE k.id = content_kitpicture.kit_id)"

register(
    Term(
        key="content.pictures",
        label=_("Pictures of material"),
        tables=("content_kitpicture",),
        days=365,
        least=30,
        most=3650,
        since=_("since the material expired or was withdrawn"),
        why=_("To answer for what was published."),
        after=After.DELETED,
        store=Rows("content_kitpicture", _ENDED_AT),
    )
)
register(
    Term(
        key="content.media",
        label=_("Pictures of material in the sizes of platforms"),
        tables=("content_kitmedia",),
        days=365,
        least=30,
        most=3650,
        since=_("since the material expired or was withdrawn"),
        why=_("To answer for what was published."),
        after=After.DELETED,
        store=Rows("content_kitmedia", _ENDED_AT.replace("content_kitpicture", "content_kitmedia")),
    )
)
stays(
    "content_kit",
    "content_kitreview",
    what=_("Material"),
    until=_("as long as the material"),
    why=_("Published to everybody; made by staff."),
)
