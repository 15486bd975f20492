"""The forms of a breach: what is known of it, and what its letters say. Rules belong to the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.rights.errors import BreachMisdescribed
from toli.web.forms import PlainForm


def _moment(label: Any, *, required: bool) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    messages = {"required": BreachMisdescribed.message, "invalid": _("Please write day and time.")}
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    return forms.DateTimeField(
        label=label, required=required, widget=widget, input_formats=formats, error_messages=messages
    )


class IncidentForm(PlainForm):
    """What is known when a case is opened."""

    title = forms.CharField(
        max_length=120,
        label=_("What happened, in a few words and without names"),
        error_messages={"required": BreachMisdescribed.message},
    )
    territory_code = forms.CharField(max_length=40, label=_("Code of the place whose members it is about"))
    began_at = _moment(_("When it began"), required=True)
    ended_at = _moment(_("When it ended"), required=True)
    aware_at = _moment(_("When you learned of it, if not now"), required=False)
    login = forms.CharField(
        max_length=80, required=False, label=_("Only what was done with this account (login name)"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    address = forms.CharField(max_length=45, required=False, label=_("Only what was done from this internet address"))
    export_number = forms.IntegerField(min_value=1, required=False, label=_("Only this list, by its number"))
    everybody = forms.BooleanField(
        required=False, label=_("Everybody in the place: the database or a backup was taken")
    )
    drill = forms.BooleanField(required=False, label=_("This is a drill: nothing is sent"))


def _words(label: Any) -> forms.CharField:
    return forms.CharField(max_length=600, required=False, label=label, widget=forms.Textarea(attrs={"rows": 3}))


class CaseWordsForm(PlainForm):
    """What the letters say."""

    happened_hi = _words(_("What happened, in Hindi"))
    happened_en = _words(_("What happened, in English"))
    measures_hi = _words(_("What we do about it, in Hindi"))
    measures_en = _words(_("What we do about it, in English"))
