"""The rules of the law engine in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from toli.compliance.domain.law import Rule

RULES: Mapping[str, str | Promise] = {
    Rule.PLACE_UNKNOWN: _("Nobody knows where this is."),
    Rule.CHANNEL_BARRED: _("WhatsApp bars political organisations from its business platform."),
    Rule.CONSENT_PURPOSE: _("People agreed to something else, not to this."),
    Rule.KIT_NOT_CLEARED: _("The material has not been approved."),
    Rule.KIT_WITHDRAWN: _("The material was withdrawn."),
    Rule.KIT_EXPIRED: _("The material has expired."),
    Rule.KIT_EARLY: _("The material is not valid yet."),
    Rule.CERTIFICATE_MISSING: _("During an election political material needs a certificate number."),
    Rule.SMS_TEMPLATE: _("An SMS needs a text that is registered with the telephone companies."),
    Rule.SILENCE: _("Silence before the close of poll: nothing goes there."),
    Rule.QUIET_HOURS: _("Quiet hours: nobody is disturbed."),
}
# Why a post does not go out, beside the law.
HELD_BACK: Mapping[str, str | Promise] = {
    **RULES,
    "place_paused": _("The account is paused."),
    "does_not_fit": _("Text, link and imprint do not fit this platform, or its picture or video is missing."),
}
POST_STATES: Mapping[str, str | Promise] = {
    "queued": _("waits"),
    "sending": _("being posted"),
    "posted": _("posted"),
    "unknown": _("nobody knows"),
    "failed": _("failed"),
    "refused": _("held back by a rule"),
    "expired": _("too late"),
    "cancelled": _("taken back"),
    "deleted": _("deleted"),
    "stays": _("a person is asked"),
}
# Stable words of posts and accounts; everything else is the platform's own code.
_REASONS: Mapping[str, str | Promise] = {
    **HELD_BACK,
    "by_hand": _("Somebody at the desk did this."),
    "too_late": _("It had waited for a day."),
    "lost": _("Whoever was posting it was not heard of again. Look there before you post it by hand."),
    "no_answer": _("The platform's answer was lost. Look there before you post it by hand."),
    "unknown": _("Nobody knows whether it stands there. Look, and delete it if it does."),
    "settings": _("The account's settings no longer fit, or the bot left the group."),
    "platform_lets_no_program_delete": _("This platform lets no program delete posts."),
    "message can't be deleted for everyone": _("Telegram lets nobody delete by program what is older than 48 hours."),
    "190": _("The token has run out or was withdrawn. Give a new one."),
    "368": _("The platform has blocked the account for a while."),
}


def why_not_posted(rule: str, reason: str) -> str:
    """Why a post does not stand where it should, or an account stands still; the platform's own code as it is."""
    if found := _REASONS.get(rule) or _REASONS.get(reason):
        return str(found)
    return gettext("The platform says: %(code)s") % {"code": reason} if reason else ""
