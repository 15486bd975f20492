"""Forms of assisted enrolment: what the person whom a coordinator wrote down decides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.members.errors import NameInvalid
from toli.web.forms import PlainForm


class DecisionForm(PlainForm):
    """Their name as they write it, and their word on each question. Nothing is ticked beforehand."""

    name = forms.CharField(
        max_length=120,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": NameInvalid.message},
    )
    another = forms.BooleanField(
        required=False,
        label=_("I am another member of the family: somebody else with this number is a member already."),
    )
    ask_family = forms.BooleanField(required=False, label=_("The others are of my family: ask them by themselves."))
    adult = forms.BooleanField(required=False, label=_("I am 18 or older."))
    membership = forms.BooleanField(required=False, label=_("I agree to this, and want to become a member."))
    content = forms.BooleanField(
        required=False, label=_("Also send me daily material on WhatsApp or by SMS (only if you like).")
    )
    field_order = ("name", "another", "ask_family", "adult", "membership", "content")

    def __init__(self, *args: object, known: bool, several: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not known:
            del self.fields["another"]
        if not several:
            del self.fields["ask_family"]
