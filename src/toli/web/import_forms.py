"""The form by which a list of members is sent."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from toli.members import selectors as members
from toli.web.forms import PlainForm


def _drives() -> list[tuple[str, str]]:
    hindi = get_language() == "hi"
    return [(drive.code, drive.name_hi if hindi else drive.name_en) for drive in members.drives()]


class UploadForm(PlainForm):
    """A list, the drive its people belong to, and where those live who name no place."""

    file = forms.FileField(
        label=_("File (CSV, XLSX or contacts)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.vcf"}),
        error_messages={"required": _("Please choose a file."), "empty": _("This file is empty.")},
    )
    drive = forms.ChoiceField(choices=_drives, label=_("Membership drive"))
    territory = forms.CharField(
        required=False,
        max_length=40,
        label=_("Place of rows that name none (its code; may stay empty)"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
