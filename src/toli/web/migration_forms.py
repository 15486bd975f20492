"""How a division is to be carried out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.chatgroups.domain.migrating import DAYS, PER_PERSON
from toli.web.forms import PlainForm

if TYPE_CHECKING:
    from toli.territories.models import Level

DEPTHS = ("zone", "district", "ac", "booth")
AFTERWARDS = (("archive", _("It is closed")), ("news", _("It stays for announcements")))


def _number(label: Any, most: int, usual: int) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=1, max_value=most, initial=usual, required=False, widget=widget)


class TermsForm(PlainForm):
    """Down to which level, and in which steps."""

    per_person = _number(_("Groups that one person creates in one wave"), 50, PER_PERSON)
    days = _number(_("Days for the people of a wave to come over"), 60, DAYS)
    afterwards = forms.ChoiceField(
        label=_("What becomes of a group when its people have moved"), choices=AFTERWARDS, required=False
    )

    def __init__(self, data: Any, *, levels: Sequence["Level"]) -> None:
        super().__init__(data)
        self.levels = levels
        self.fields["depth"] = forms.ChoiceField(choices=[(level.code, level.code) for level in levels])

    @property
    def level(self) -> str:
        """The level that was chosen, or the nearest one."""
        return self._valid("depth") or self.levels[0].code

    @property
    def each(self) -> int:
        """Groups that one person is asked for in one wave."""
        return self._valid("per_person") or PER_PERSON

    @property
    def terms(self) -> dict[str, Any]:
        """What the service takes."""
        return {
            "depth": self.level,
            "per_person": self.each,
            "days": self._valid("days") or DAYS,
            "afterwards": self._valid("afterwards") or "archive",
        }

    def _valid(self, name: str) -> Any:
        if not self.is_bound:
            return None
        self.is_valid()
        return self.cleaned_data.get(name)
