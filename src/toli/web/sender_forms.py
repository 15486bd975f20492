"""The form of a sender, built from what its provider says that it has to be told."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.messaging.providers import is_secret, provider_class
from toli.web.forms import PlainForm

SETTING = "setting-"
PRICES = {"content": "price_content", "membership": "price_membership"}


class SenderForm(PlainForm):
    """Name, limits and prices of a sender, and the settings of its provider.

    Secrets are written and never shown: left empty, those of a sender that exists (``known``) stay as they are.
    """

    code = forms.CharField(max_length=40, label=_("Short name: small letters, digits, hyphens"))
    name = forms.CharField(max_length=80, label=_("How it is called"))
    per_second = forms.FloatField(min_value=0, initial=0, label=_("Most messages in any second; 0: no limit"))
    recipient_gap = forms.FloatField(min_value=0, initial=6, label=_("Seconds between two messages to the same person"))
    kit_template = forms.CharField(max_length=500, required=False, label=_("Template for kits"))
    price_content = forms.CharField(
        max_length=20, required=False, label=_("Price of a message with material, in paise")
    )
    price_membership = forms.CharField(
        max_length=20, required=False, label=_("Price of a message about the membership, in paise")
    )

    def __init__(self, *args: Any, provider: str, known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free = provider_class(provider).capabilities.free  # a price left empty is nothing, and not unknown
        every = dataclasses.fields(provider_class(provider).settings_schema)
        self.schema = [item for item in every if "earlier_of" not in item.metadata]  # kept by us, asked of nobody
        for item in self.schema:
            self.fields[SETTING + item.name] = _field(item, known=known)
        if known:
            del self.fields["code"]

    def setting_fields(self) -> list[Any]:
        """The bound fields of the provider's own settings."""
        return [self[SETTING + item.name] for item in self.schema]

    def own_fields(self) -> list[Any]:
        """The others."""
        return [field for field in self if not field.name.startswith(SETTING)]

    def facts(self) -> dict[str, Any]:
        """What the services need. A secret that was left empty is not among the settings."""
        found = self.cleaned_data
        facts = {name: found[name] for name in ("name", "per_second", "recipient_gap", "kit_template")}
        return {
            **facts,
            "settings": self._settings(),
            "prices": {purpose: found[field] for purpose, field in PRICES.items()},
        }

    def _settings(self) -> dict[str, Any]:
        told = {item: self.cleaned_data[SETTING + item.name] for item in self.schema}
        return {
            item.name: value or (item.default if item.default is not dataclasses.MISSING else "")
            for item, value in told.items()
            if value or not is_secret(item)
        }


def initial_of(sender: Any) -> dict[str, Any]:
    """What the form of a sender that exists shows; of secrets nothing."""
    own = {name: getattr(sender, name) for name in ("name", "kit_template")}
    own |= {name: f"{getattr(sender, name):g}" for name in ("per_second", "recipient_gap")}
    prices = {field: sender.prices.get(purpose, "") for purpose, field in PRICES.items()}
    return {**own, **prices, **{SETTING + name: value for name, value in sender.config.items()}}


def _field(item: "dataclasses.Field[Any]", *, known: bool) -> forms.Field:
    told: Mapping[str, Any] = item.metadata
    needed = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    shared: dict[str, Any] = {
        "label": told.get("label", item.name),
        "required": needed and not (known and is_secret(item)),
    }
    if is_secret(item):
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
        return forms.CharField(max_length=10_000, widget=widget, **shared)
    if not needed:
        shared["initial"] = item.default
    if told.get("choices"):
        return forms.ChoiceField(choices=[(choice, choice) for choice in told["choices"]], **shared)
    if told.get("long"):
        rows = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        return forms.CharField(max_length=50_000, widget=rows, strip=False, **shared)
    return forms.CharField(max_length=2_000, widget=forms.TextInput(attrs={"spellcheck": "false"}), **shared)


class TestForm(PlainForm):
    """Where a test goes."""

    to = forms.CharField(max_length=320, label=_("Your own number or address"))
