"""The form into which a list of participants is pasted."""

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.web.forms import PlainForm

LONGEST = 500_000  # characters: the joining and leaving of a few thousand people


class RosterForm(PlainForm):
    """What was copied out of the group."""

    text = forms.CharField(
        max_length=LONGEST,
        label=_("What you copied"),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )
