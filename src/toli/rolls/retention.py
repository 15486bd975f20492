"""Rolls are kept: an election may be questioned years later."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import stays

stays(
    "rolls_rollline",
    what=_("Lines of rolls of members"),
    until=_("as long as the roll; who it was, as long as the membership"),
    why=_("Internal elections rest on the roll. An erased person's line names nobody."),
)
stays(
    "rolls_challenge",
    what=_("Objections to rolls of members"),
    until=_("as long as the roll; who it was and the words, as long as the membership"),
    why=_("Supplements to rolls rest on what was accepted. An erased person's objection names nobody."),
)
