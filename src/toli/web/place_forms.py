"""The form of an own page, channel or account at the desk."""

import dataclasses
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from toli.posting.providers import app_names, provider_named, providers, token_name
from toli.web.forms import PlainForm

_TEXT = {"autocomplete": "off", "spellcheck": "false"}


def _platforms() -> list[tuple[str, str]]:
    return [(key, provider.name) for key, provider in providers().items()]


def _languages() -> list[tuple[str, str]]:
    return [("", gettext("As the plan says")), *settings.LANGUAGES]


class PlaceForm(PlainForm):
    """What a platform needs to know, and who looks after it. The address of the platform is not for this page."""

    provider = forms.ChoiceField(choices=_platforms, label=_("Platform"))
    name = forms.CharField(max_length=80, label=_("What people call it"), widget=forms.TextInput(attrs=_TEXT))
    number = forms.CharField(
        max_length=60, label=_("Its number on the platform; of a Telegram channel its @name"),
        widget=forms.TextInput(attrs=_TEXT),
    )  # fmt: skip
    token = forms.CharField(
        max_length=600, required=False, label=_("Token that may post there; Telegram needs none"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    app_id = forms.CharField(
        max_length=200, required=False, label=_("Number of the app (client ID); only YouTube asks for it"),
        widget=forms.TextInput(attrs=_TEXT),
    )  # fmt: skip
    app_secret = forms.CharField(
        max_length=200, required=False, label=_("Secret of the app; only YouTube asks for it"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    area = forms.CharField(
        max_length=40, label=_("Code of the place that it speaks to"),
        widget=forms.TextInput(attrs={**_TEXT, "autocapitalize": "characters"}),
    )  # fmt: skip
    person = forms.CharField(
        max_length=60, label=_("Login of whoever looks after it"), widget=forms.TextInput(attrs=_TEXT)
    )
    language = forms.ChoiceField(choices=_languages, required=False, label=_("Language"))

    def facts(self) -> dict[str, Any]:
        """What the service needs."""
        fields = self.cleaned_data
        provider = provider_named(fields["provider"])
        first = dataclasses.fields(provider.settings_schema)[0].name
        rest = dict(zip(app_names(provider), (fields["app_id"].strip(), fields["app_secret"]), strict=False))
        if name := token_name(provider):
            rest[name] = fields["token"]
        return {
            "provider": fields["provider"],
            "name": fields["name"],
            "settings": {first: fields["number"].strip(), **rest},
            "territory_code": fields["area"].strip(),
            "person_login": fields["person"].strip(),
            "language": fields["language"],
        }
