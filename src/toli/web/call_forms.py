"""Forms about members who are drawn by lot to be called. They check shapes; rules belong to the services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from toli.enrolment.domain.sampling import MOST
from toli.enrolment.errors import CallerUnfit, SampleSizeWrong
from toli.web.forms import PlainForm


class CallerForm(PlainForm):
    """Who makes the calls."""

    caller = forms.ChoiceField(
        label=_("Who calls them"),
        error_messages={"required": CallerUnfit.message, "invalid_choice": CallerUnfit.message},
    )

    def __init__(self, *args: Any, callers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["caller"].choices = [("", ""), *callers]  # type: ignore[attr-defined]


class DrawForm(CallerForm):
    """How many are drawn, and who calls them."""

    size = forms.IntegerField(
        min_value=1,
        max_value=MOST,
        label=_("How many"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), SampleSizeWrong(most=MOST).message % {"most": MOST}
        ),
    )
    field_order = ("size", "caller")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("size", settings.TOLI_CALL_SAMPLE)
