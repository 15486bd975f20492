"""The form of a membership drive."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.web.forms import PlainForm

_DAY = {"invalid": _("Please write the day like 2026-11-24."), "required": _("Please choose a day.")}
_NAME = {"required": _("Please write a name in both languages.")}


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class DriveForm(PlainForm):
    """What a drive is called, its days, and how many members it shall win."""

    name_hi = forms.CharField(max_length=120, label=_("Name in Hindi"), error_messages=_NAME)
    name_en = forms.CharField(max_length=120, label=_("Name in English"), error_messages=_NAME)
    opens_on = forms.DateField(label=_("First day"), widget=_day(), error_messages=_DAY)
    closes_on = forms.DateField(label=_("Last day"), widget=_day(), error_messages=_DAY)
    target = forms.IntegerField(
        required=False, min_value=0, max_value=2_000_000_000, label=_("Members to win (may stay empty)")
    )

    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "target": self.cleaned_data["target"] or 0}


class NewDriveForm(DriveForm):
    """A new one also has a code, a place and the version of the notice that people read."""

    code = forms.SlugField(
        max_length=40,
        label=_("Code: letters, digits, hyphens"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Please write a code.")},
    )
    territory_code = forms.CharField(
        max_length=40, label=_("Code of the place"), error_messages={"required": _("Please write the code of a place.")}
    )
    notice_version = forms.CharField(max_length=20, initial="1", label=_("Version of the notice about data"))
