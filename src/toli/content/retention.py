"""Texts are public and stay; a picture may show people who never asked for it, and goes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

_ENDED_AT = "(SELECT LEAST(k.valid_until, k.withdrawn_at) FROM content_kit k WHERE k.id = {table}.kit_id)"


def _goes_after_a_year(key: str, table: str, label: Promise) -> None:
    register(
        Term(
            key=key,
            label=label,
            tables=(table,),
            days=365,
            least=30,
            most=3650,
            since=_("since the material expired or was withdrawn"),
            why=_("To answer for what was published."),
            after=After.DELETED,
            store=Rows(table, _ENDED_AT.format(table=table)),
        )
    )


_goes_after_a_year("content.pictures", "content_kitpicture", _("Pictures of material"))
_goes_after_a_year("content.media", "content_kitmedia", _("Pictures of material in the sizes of platforms"))
_goes_after_a_year("content.videos", "content_kitvideo", _("Videos of material"))
_goes_after_a_year("content.video_files", "content_kitvideofile", _("Videos of material as platforms take them"))
stays(
    "content_kit",
    "content_kitreview",
    what=_("Material"),
    until=_("as long as the material"),
    why=_("Published to everybody; made by staff."),
)
