"""Forms about groups at the desk."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from toli.chatgroups.domain.kinds import KINDS
from toli.chatgroups.domain.lifecycle import State
from toli.chatgroups.selectors import NEEDS, kind_names, state_names
from toli.web.forms import PlainForm

_TEXT = {"autocomplete": "off"}
Choices = list[tuple[str, str]]


def _kinds() -> Choices:
    names = kind_names()
    return [(key, names[key]) for key in KINDS]


def _or_all(choices: Choices) -> Choices:
    return [("", gettext("All")), *choices]


def _kinds_or_all() -> Choices:
    return _or_all(_kinds())


def _states_or_all() -> Choices:
    names = state_names()
    return _or_all([(state.value, names[state.value]) for state in State])


def _needs_or_all() -> Choices:
    return _or_all([(key, str(word)) for key, word in NEEDS.items()])


class GroupEntryForm(PlainForm):
    """A group or channel that exists already."""

    kind = forms.ChoiceField(choices=_kinds, label=_("What it is"))
    name = forms.CharField(max_length=100, label=_("Its name on the platform"), widget=forms.TextInput(attrs=_TEXT))
    join_address = forms.CharField(
        max_length=400, label=_("Invite link"), widget=forms.TextInput(attrs={"inputmode": "url", **_TEXT})
    )
    admin = forms.CharField(max_length=60, label=_("Login of its admin"), widget=forms.TextInput(attrs=_TEXT))
    people = forms.IntegerField(
        min_value=0, max_value=10_000_000, initial=0, label=_("People who are in it today"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", **_TEXT}),
    )  # fmt: skip


class AdminsForm(PlainForm):
    """Who looks after a group."""

    admin = forms.CharField(max_length=60, label=_("Login of its admin"), widget=forms.TextInput(attrs=_TEXT))
    deputy = forms.CharField(
        max_length=60, required=False, label=_("Login of the second admin; empty: somebody near"),
        widget=forms.TextInput(attrs=_TEXT),
    )  # fmt: skip


class RenameForm(PlainForm):
    """A group's name as it is on the platform."""

    name = forms.CharField(max_length=100, label=_("Its name on the platform"), widget=forms.TextInput(attrs=_TEXT))


class CampaignTextsForm(PlainForm):
    """What a campaign is called, and what is pasted into its groups."""

    name_hi = forms.CharField(max_length=80, label=_("Name in Hindi"), widget=forms.TextInput(attrs=_TEXT))
    name_en = forms.CharField(max_length=80, label=_("Name in English"), widget=forms.TextInput(attrs=_TEXT))
    naming_pattern = forms.CharField(max_length=80, label=_("Names of its groups"), widget=forms.TextInput(attrs=_TEXT))
    description_hi = forms.CharField(
        max_length=500, required=False, label=_("Description in Hindi"), widget=forms.Textarea(attrs={"rows": 3})
    )
    description_en = forms.CharField(
        max_length=500, required=False, label=_("Description in English"), widget=forms.Textarea(attrs={"rows": 3})
    )
    rules_hi = forms.CharField(
        max_length=800, required=False, label=_("Rules in Hindi"), widget=forms.Textarea(attrs={"rows": 4})
    )
    rules_en = forms.CharField(
        max_length=800, required=False, label=_("Rules in English"), widget=forms.Textarea(attrs={"rows": 4})
    )


class GroupFilterForm(PlainForm):
    """Which groups are listed. A value that nobody offers lists all."""

    kind = forms.ChoiceField(choices=_kinds_or_all, required=False, label=_("Kind"))
    state = forms.ChoiceField(choices=_states_or_all, required=False, label=_("State"))
    needs = forms.ChoiceField(choices=_needs_or_all, required=False, label=_("Needs"))

    def chosen(self) -> dict[str, str]:
        """The filters that were set to something that is offered."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}
