"""The rules of the law engine in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
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
    "does_not_fit": _("Text, link and imprint do not fit this platform, or the picture it demands is missing."),
}
