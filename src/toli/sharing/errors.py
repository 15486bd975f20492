"""Reasons to refuse a share link."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Invalid, NotFound


class ShareCodeUnknown(NotFound):
    code = "share_code_unknown"
    message = _("This link does not exist. Perhaps a character of it was lost.")


class KitNotShareable(Invalid):
    code = "kit_not_shareable"
    message = _("This material can no longer be shared. Please take today's.")


class ChannelUnknown(NotFound):
    code = "channel_unknown"
    message = _("There is no such channel.")
