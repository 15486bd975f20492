"""Reasons to refuse something about a bot and the groups that it keeps."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, Unavailable


class BotMissing(Conflict):
    code = "bot_missing"
    message = _("No bot is connected. Set TOLI_TELEGRAM_BOT_SECRET and run `toli bot connect`.")


class BotRefused(Unavailable):
    code = "bot_refused"
    message = _("The platform did not take this: %(reason)s.")


class PostRefused(Forbidden):
    code = "post_refused"
    message = _("This did not come from the platform.")


class PostUnreadable(Invalid):
    code = "post_unreadable"
    message = _("This is no update of the platform.")


class GroupNotKept(Conflict):
    code = "group_not_kept"
    message = _("The bot is not in this group.")


class GroupKept(Conflict):
    code = "group_kept"
    message = _("The bot is in this group already.")
