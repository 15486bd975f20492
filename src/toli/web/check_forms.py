"""The form by which a case of the fraud inbox is decided."""

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.web.forms import PlainForm


class DecisionForm(PlainForm):
    reason = forms.CharField(
        max_length=200,
        label=_("Reason"),
        help_text=_("What you found out, without names and numbers. It stays with the case."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
