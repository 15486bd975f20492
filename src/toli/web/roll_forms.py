"""Forms about rolls of members. They check shapes; rules belong to the services."""

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.rolls.errors import DayNotOver
from toli.web.forms import PlainForm


class DayForm(PlainForm):
    """The day of a roll."""

    day = forms.DateField(
        label=_("Who was a member on this day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": DayNotOver.message, "invalid": DayNotOver.message},
    )
