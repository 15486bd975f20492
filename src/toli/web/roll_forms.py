"""Forms about rolls of members. They check shapes; rules belong to the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.rolls.domain.supplement import DAYS
from toli.rolls.errors import ChallengeUnclear, DayNotOver, DecisionNoteMissing
from toli.rolls.selectors import CHALLENGE_KINDS, GRADES
from toli.web.forms import PlainForm


class DayForm(PlainForm):
    """The day of a roll."""

    day = forms.DateField(
        label=_("Who was a member on this day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": DayNotOver.message, "invalid": DayNotOver.message},
    )


_WORDS = {"rows": 4, "maxlength": 500}
_MISSING = "missing"


class DaysForm(PlainForm):
    """For how long a roll can be objected to once it is certified."""

    days = forms.IntegerField(
        required=False,
        label=_("Days for objections"),
        initial=DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Please write a number of days.")},
    )

    def clean_days(self) -> int:
        days: int | None = self.cleaned_data["days"]
        return DAYS if days is None else days


class OwnChallengeForm(PlainForm):
    """A member's own objection. ``stands``: whether the roll names them."""

    kind = forms.ChoiceField(label=_("What is wrong"), widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=500,
        label=_("Why? In your own words"),
        widget=forms.Textarea(attrs=_WORDS),
        error_messages={"required": ChallengeUnclear.message},
    )

    def __init__(self, data: Any = None, *, stands: bool) -> None:
        super().__init__(data, initial={"kind": "" if stands else _MISSING})
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (key, name) for key, name in CHALLENGE_KINDS.items() if (key == _MISSING) != stands
        ]
        self.fields["kind"].error_messages = dict.fromkeys(("required", "invalid_choice"), ChallengeUnclear.message)


class StandingFields(PlainForm):
    """What should stand in the roll, for those who know it."""

    place = forms.CharField(
        max_length=40,
        required=False,
        label=_("Code of the right place, if you know it"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    grade = forms.ChoiceField(required=False, label=_("The right class, if you know it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [("", "–"), *GRADES.items()]  # type: ignore[attr-defined]


class ChallengeForm(StandingFields, OwnChallengeForm):
    """An objection by staff. ``who``: the member's card, number or name, where no line is meant."""

    field_order = ("who", "kind", "reason", "place", "grade")
    who = forms.CharField(
        max_length=60,
        required=False,
        label=_("Whose name is missing? Card number or mobile number"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, stands: bool) -> None:
        super().__init__(data, stands=stands)
        if stands:
            del self.fields["who"]


class ChallengeDecisionForm(StandingFields):
    """What somebody decides about an objection."""

    field_order = ("note", "place", "grade")
    note = forms.CharField(
        max_length=500,
        label=_("Why do you decide so? The member reads this"),
        widget=forms.Textarea(attrs=_WORDS),
        error_messages={"required": DecisionNoteMissing.message},
    )
