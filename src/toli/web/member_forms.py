"""Forms about lists of members. They check shapes; rules belong to the services."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from toli.members.domain.sieve import YES
from toli.web.forms import PlainForm
from toli.web.templatetags.toli import label


class SieveForm(PlainForm):
    """What a list of members is narrowed down to."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", pgettext_lazy("members", "Active")),
            ("lapsed", _("Term is over")),
            ("held", _("Is being checked")),
        ],
    )
    grade = forms.ChoiceField(
        label=_("Class"), choices=[("", _("All")), ("primary", _("Primary member")), ("active", _("Active member"))]
    )
    drive = forms.ChoiceField(label=_("Membership drive"))
    since = forms.DateField(
        label=_("Joined on or after"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    card = forms.ChoiceField(label=_("Card"), choices=[("", _("All")), (YES, _("Without a card"))])
    seat = forms.ChoiceField(label=_("Group"), choices=[("", _("All")), (YES, _("Without a seat"))])

    def __init__(self, *args: Any, drives: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["drive"].choices = [("", _("All")), *((one.code, label(one)) for one in drives)]  # type: ignore[attr-defined]
