"""The forms that people fill in. They check shapes; rules belong to the services."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.access.errors import BeyondOwnRole
from toli.cards.errors import EndReasonMissing
from toli.core.domain.phone import InvalidPhone, to_e164
from toli.core.domain.pictures import MEGABYTE, MOST_BYTES
from toli.core.errors import DomainError, PictureTooHeavy, TooManyRequests
from toli.members import selectors as members
from toli.members.errors import ExportMisdescribed, NameInvalid, PhoneInvalid, RevealReasonMissing
from toli.messaging.errors import MailAddressInvalid
from toli.rights import selectors as rights
from toli.rights.domain.complaints import WORDS_MOST
from toli.rights.errors import ComplaintUnclear, RequestUnclear

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class PlainForm(forms.Form):
    """Marks wrong fields for screen readers; never uses the browser's own bubbles."""

    use_required_attribute = False

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"{name}-error"})

    def refuse(self, field: str | None, error: DomainError) -> None:
        """Show a refusal at the field. One because of too many tries is the whole page's answer (429)."""
        if isinstance(error, TooManyRequests):
            raise error
        self.add_error(field, str(error))


class PhoneField(forms.CharField):
    """A telephone number as people write it; cleaned, it is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "tel", "autocomplete": "tel-national"}
        super().__init__(
            max_length=32,
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": PhoneInvalid.message},
            **{"label": _("Mobile number"), **kwargs},
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return to_e164(text)
        except InvalidPhone:
            raise forms.ValidationError(str(PhoneInvalid()), code="phone_invalid") from None


class NumberForm(PlainForm):
    """First step of joining."""

    name = forms.CharField(
        max_length=120,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": NameInvalid.message},
    )
    phone = PhoneField()


class PhoneForm(PlainForm):
    """First step of signing in."""

    phone = PhoneField()


class CodeForm(PlainForm):
    """The code from the message: one field, so that pasting and filling in work."""

    code = forms.CharField(
        max_length=20,
        label=_("Code"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "otp"}),
    )


class MailboxForm(PlainForm):
    """A member's e-mail address."""

    address = forms.CharField(
        max_length=254,
        label=_("E-mail address"),
        widget=forms.TextInput(
            attrs={"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": MailAddressInvalid.message},
    )


class ConsentForm(PlainForm):
    """Last step of joining. Nothing is ticked beforehand.

    The button itself says what is agreed to by pressing it, and sends that as ``agree``: one act for being of age
    and becoming a member, which nobody can join without. What is optional has a box of its own.
    """

    agree = forms.CharField(required=False, max_length=40)
    content = forms.BooleanField(
        required=False, label=_("Also send me daily material on WhatsApp or by SMS (only if you like).")
    )

    @property
    def consents(self) -> dict[str, bool]:
        """A word on each thing that was asked for, as members.services.enrol_member takes it."""
        agreed = self.cleaned_data["agree"].split()
        return {
            "adult": "adult" in agreed,
            "membership": "membership" in agreed,
            "content": self.cleaned_data["content"],
        }


class ComplaintForm(PlainForm):
    """A complaint of anybody: what about, in words, and a number if they like."""

    about = forms.ChoiceField(
        choices=rights.complaint_kinds,
        label=_("What is it about?"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose what it is about.")),
    )
    words = forms.CharField(
        max_length=WORDS_MOST,
        label=_("What happened, and where?"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": ComplaintUnclear.message},
    )
    phone = PhoneField(required=False, label=_("Your number, if you want to be called (not needed)"))


class ComplaintAnswerForm(PlainForm):
    """What is answered to whoever complained."""

    answer = forms.CharField(
        max_length=WORDS_MOST,
        required=False,
        label=_("Answer. Whoever complained reads it on their page."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class HearForm(PlainForm):
    """By which ways a citizen wants to hear from the organisation. Nothing is ticked; one way alone needs no box."""

    sms = forms.BooleanField(required=False, label=_("by SMS"))
    whatsapp = forms.BooleanField(required=False, label=_("on WhatsApp"))

    @property
    def channels(self) -> list[str]:
        return [name for name, given in self.cleaned_data.items() if given]


class CheckForm(PlainForm):
    """Checking a card by hand."""

    code = forms.CharField(max_length=400, label=_("Address from the card"))


def few_words(label: "_StrOrPromise", *, missing: "_StrOrPromise") -> forms.CharField:
    """Words that stay with what was done, at most 200 characters; ``missing`` is said when there are none."""
    return forms.CharField(
        max_length=200,
        label=label,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": missing},
    )


class GroupLinkForm(PlainForm):
    """The invite link of a group that has just been created."""

    join_address = forms.CharField(
        max_length=400,
        label=_("Invite link"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )


class RevealForm(PlainForm):
    """Why somebody wants to see a full number. The member reads both."""

    reason = forms.ChoiceField(
        choices=members.reveal_reasons,
        label=_("Reason"),
        error_messages={"required": RevealReasonMissing.message, "invalid_choice": RevealReasonMissing.message},
    )
    note = few_words(_("What for, in a few words"), missing=RevealReasonMissing.message)


class PhotoForm(PlainForm):
    """A photo for the card, and whether those who check the card see it."""

    picture = forms.FileField(
        required=False,
        allow_empty_file=True,  # the picture's own check says it better
        label=_("Photo: JPEG, PNG or WebP, up to 10 MB"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "data-most": MOST_BYTES}),
    )
    shown = forms.BooleanField(required=False, label=_("Show the photo to everybody who checks my card"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        too_heavy = str(PictureTooHeavy(most=MOST_BYTES // MEGABYTE))
        self.fields["picture"].widget.attrs["data-heavy"] = too_heavy  # said before it is sent


class EndCardForm(PlainForm):
    """Why a card is ended or replaced."""

    reason = few_words(_("Why, in a few words"), missing=EndReasonMissing.message)


class PrintForm(PlainForm):
    """What cards are printed for."""

    purpose = few_words(_("What for, in a few words"), missing=ExportMisdescribed.message)


class ExportForm(PlainForm):
    """What a list shall hold, of what the person may choose from, and what it is for."""

    columns = forms.MultipleChoiceField(
        label=_("What shall stand in it?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": ExportMisdescribed.message, "invalid_choice": ExportMisdescribed.message},
    )
    purpose = few_words(_("What for, in a few words"), missing=ExportMisdescribed.message)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = choices  # type: ignore[attr-defined]


class TrailForm(PlainForm):
    """Which entries of the audit trail are looked for. Both days are included."""

    group = forms.ChoiceField(required=False, label=_("What"))
    who = forms.CharField(
        required=False,
        max_length=80,
        label=_("Login of the person who acted"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    place = forms.ChoiceField(required=False, label=_("Place, with all below it"))
    since = forms.DateField(
        required=False,
        label=_("From"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Please write the day like 2026-11-24.")},
    )
    until = forms.DateField(
        required=False,
        label=_("Up to and with"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Please write the day like 2026-11-24.")},
    )

    def __init__(
        self, *args: Any, groups: Sequence[tuple[str, str]], places: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", _("Everything")), *groups]  # type: ignore[attr-defined]
        self.fields["place"].choices = [("", _("Your whole area")), *places]  # type: ignore[attr-defined]


class RoleForm(PlainForm):
    """Who gets which role, of those that the person may give, until when."""

    login = forms.CharField(
        max_length=80,
        label=_("Login of the person"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Please write the login that the person signs in with.")},
    )
    role = forms.ChoiceField(
        label=_("Role"),
        error_messages={"required": _("Please choose a role."), "invalid_choice": BeyondOwnRole.message},
    )
    until = forms.DateField(
        label=_("Ends on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Please choose the day on which the role ends."),
            "invalid": _("Please choose the day on which the role ends."),
        },
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", ""), *choices]  # type: ignore[attr-defined]


class CorrectionForm(PlainForm):
    """A member corrects what is kept about them."""

    name = forms.CharField(
        max_length=120,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": NameInvalid.message},
    )
    language = forms.ChoiceField(choices=[("hi", "हिन्दी"), ("en", "English")], label=_("Language"))
    place = forms.CharField(
        max_length=300,
        required=False,
        label=_("Your place is wrong? Write where you live"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WordsForm(PlainForm):
    """What a member wants to say, in their own words."""

    words = forms.CharField(
        max_length=1000,
        label=_("In your words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": RequestUnclear.message},
    )


class RequestForm(PlainForm):
    """What a member asked for on the telephone or in a letter."""

    kind = forms.ChoiceField(choices=rights.kinds, label=_("What do they ask for?"))
    words = forms.CharField(
        max_length=1000, required=False, label=_("In their words"), widget=forms.Textarea(attrs={"rows": 4})
    )


class AnswerForm(PlainForm):
    """What the officer answers; of a correction, where the member lives."""

    answer = forms.CharField(
        max_length=1000,
        required=False,
        label=_("Answer, or reason for refusing. The member reads it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    move_to = forms.CharField(
        max_length=40,
        required=False,
        label=_("Code of the right place, if it changes"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
