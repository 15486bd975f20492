"""The forms by which staff prove who they are. They check shapes; rules belong to the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain.factors import PASSWORD_MAX
from toli.web.forms import PlainForm


def _password(label: Any, autocomplete: str, *, required: bool = True) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(max_length=PASSWORD_MAX, label=label, widget=widget, required=required, strip=False)


def _code(label: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
    return forms.CharField(max_length=40, label=label, widget=forms.TextInput(attrs=attrs))


class StaffSignInForm(PlainForm):
    """Signing in without a passkey. All three at once, so that no answer tells which of them was right."""

    login = forms.CharField(
        max_length=80,
        label=_("Login name"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = _password(_("Password"), "current-password", required=False)
    code = _code(_("Six digits of the app, or a recovery code"))


class ProofForm(PlainForm):
    """Confirming without a passkey."""

    password = _password(_("Password"), "current-password", required=False)
    code = _code(_("Six digits of the app, or a recovery code"))


class NewPasswordForm(PlainForm):
    password = _password(_("New password"), "new-password")


class AppDigitsForm(PlainForm):
    """The first digits of a new authenticator app."""

    code = forms.CharField(
        max_length=20,
        label=_("Six digits that the app shows now"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "otp"}),
    )
