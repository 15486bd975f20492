"""The form of a plan: where a kit goes, by which channels, when."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toli.distribution.direct import ASSISTED, to_citizens, to_members
from toli.web.forms import PlainForm

CITIZENS = "citizens"
_MOMENT = "%Y-%m-%dT%H:%M"
CHANNEL_NAMES: dict[str, str | Promise] = {
    ASSISTED: _("People's hands, into chat groups"),
    "telegram": _("Telegram, to members who agreed"),
    "sms": _("SMS, to members who agreed"),
    "whatsapp_cloud": _("WhatsApp Cloud API, to members who agreed"),
    "web_push": _("Notifications, to members who allowed them"),
    "email_smtp": _("E-mail, to members who agreed"),
    "telegram_posts": _("Telegram groups and channels, posted by the bot"),
    "facebook": _("Our own Facebook Pages"),
    "instagram": _("Our own Instagram accounts"),
    "threads": _("Our own accounts on Threads"),
    "youtube": _("Our own channels on YouTube"),
}


# The same where citizens who are no members are written to.
CITIZENS_NAMES: dict[str, str | Promise] = {
    "sms": _("SMS, to citizens who agreed"),
    "whatsapp_cloud": _("WhatsApp Cloud API, to citizens who agreed"),
}
AUDIENCES = (("members", _("Members who agreed")), ("citizens", _("Citizens who agreed and are no members")))


# What members agree to, whichever provider carries it (members/domain/purposes.py).
WAY_NAMES: dict[str, str | Promise] = {
    "sms": _("SMS"),
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "push": _("Notifications"),
    "email": _("E-mail"),
}


def way_name(channel: str) -> str | Promise:
    """What people call a way by which members are reached; of one that has no words yet, its key."""
    return WAY_NAMES.get(channel, channel)


def channel_name(key: str, audience: str = "") -> str | Promise:
    """What people call a channel, to whom it leads; one that has no words yet, its key."""
    names = CITIZENS_NAMES if audience == CITIZENS else CHANNEL_NAMES
    return names.get(key, f"{key} ({AUDIENCES[1][1]})" if audience == CITIZENS else key)


LANGUAGES = (("", _("Each reader's own")), ("hi", "हिन्दी"), ("en", "English"))


class PlanForm(PlainForm):
    """Where, how, when."""

    areas = forms.CharField(
        max_length=20_000,
        label=_("Codes of the places, with blanks or commas between them"),
        widget=forms.Textarea(attrs={"rows": 2, "autocapitalize": "characters", "spellcheck": "false"}),
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one channel.")},
    )
    audiences = forms.MultipleChoiceField(
        label=_("To whom messages go"),
        choices=AUDIENCES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Citizens agreed by number and code to hear from you by SMS or WhatsApp. They are written to by these "
            "channels alone, never where their number is a member's, and every message says how to stop."
        ),
        error_messages={"required": _("Please choose at least one.")},
    )
    first = forms.ChoiceField(
        label=_("By which channel first, where a member agreed to several"),
        help_text=_("Each member gets one message. The others come into play where the first cannot reach somebody."),
        required=False,
    )
    roles = forms.MultipleChoiceField(
        label=_("Only groups whose admins hold one of these roles; none: all groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(label=_("Language"), required=False, choices=LANGUAGES)
    starts_at = forms.DateTimeField(
        label=_("When it begins"),
        input_formats=[_MOMENT, _MOMENT + ":%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT),
        error_messages={"required": _("Please write day and time."), "invalid": _("Please write day and time.")},
    )

    def __init__(self, *args: Any, channels: Sequence[str], roles: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(item, channel_name(item)) for item in channels]
        direct = [(item, name) for item, name in names if item in to_members(channels)]
        self.fields["channels"].choices = names  # type: ignore[attr-defined]
        self.fields["first"].choices = direct  # type: ignore[attr-defined]
        if len(direct) < 2:
            del self.fields["first"]
        if not to_citizens(channels):
            del self.fields["audiences"]
        self.fields["roles"].choices = roles  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What the service needs."""
        fields = self.cleaned_data
        first = [fields["first"]] if fields.get("first") in fields["channels"] else []
        return {
            "territory_codes": [code for code in fields["areas"].replace(",", " ").split() if code],
            "channels": list(dict.fromkeys([*first, *fields["channels"]])),
            **({"audiences": fields["audiences"]} if "audiences" in fields else {}),
            "roles": fields["roles"],
            "languages": [fields["language"]] if fields["language"] else [],
            "starts_at": fields["starts_at"],
        }
