"""The forms of the election calendar."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.web.forms import PlainForm

_MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
    said = _("Please write day and time.")
    return forms.DateTimeField(
        label=label,
        widget=widget,
        input_formats=[_MOMENT, _MOMENT + ":%S"],
        error_messages={"required": said, "invalid": said},
    )


class ElectionForm(PlainForm):
    """A new election."""

    code = forms.SlugField(max_length=40, label=_("Code: letters, digits, hyphens"))
    name_hi = forms.CharField(max_length=120, label=_("Name in Hindi"))
    name_en = forms.CharField(max_length=120, label=_("Name in English"))
    announced_at = _moment(_("When it was announced"))
    silence_hours = forms.IntegerField(
        min_value=0, max_value=240, initial=48, label=_("Hours of silence before the close of poll")
    )
    needs_certificate = forms.BooleanField(
        required=False, initial=True, label=_("Political material needs a certificate while it is under way")
    )


class PollForm(PlainForm):
    """Places that vote in one phase until one hour."""

    phase = forms.IntegerField(min_value=1, max_value=99, initial=1, label=_("Phase"))
    closes_at = _moment(_("Close of poll"))
    areas = forms.CharField(
        max_length=20_000,
        label=_("Codes of the places that vote, with blanks or commas between them"),
        widget=forms.Textarea(attrs={"rows": 3, "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def codes(self) -> list[str]:
        """The codes one by one."""
        return [code for code in self.cleaned_data["areas"].replace(",", " ").split() if code]
