"""Material is public; it stays."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import stays

stays(
    "content_kit",
    what=_("Material"),
    until=_("as long as the material"),
    why=_("Published to everybody; made by staff."),
)
