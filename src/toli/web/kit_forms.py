"""The forms of the content desk: a kit and its picture."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.content.domain.passport import ALT_LIMIT
from toli.core.domain.pictures import MEGABYTE, MOST_BYTES
from toli.core.errors import PictureTooHeavy
from toli.web.forms import PlainForm

LANGUAGES = ("hi", "en")


class PictureForm(PlainForm):
    """A picture, from the device or from the web, and what it shows in both languages."""

    picture = forms.FileField(
        required=False,
        allow_empty_file=True,  # the picture's own check says it better
        label=_("Picture: JPEG, PNG or WebP, up to 10 MB"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "data-most": MOST_BYTES}),
    )
    picture_address = forms.CharField(
        max_length=2000,
        required=False,
        label=_("Or its address on the web"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
    )
    alt_hi = forms.CharField(
        max_length=ALT_LIMIT,
        required=False,
        label=_("What the picture shows, in Hindi: read out to those who cannot see it"),
    )
    alt_en = forms.CharField(
        max_length=ALT_LIMIT,
        required=False,
        label=_("What the picture shows, in English: read out to those who cannot see it"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        too_heavy = str(PictureTooHeavy(most=MOST_BYTES // MEGABYTE))
        self.fields["picture"].widget.attrs["data-heavy"] = too_heavy  # said before it is sent

    @property
    def has_picture(self) -> bool:
        """Whether a file or an address was given; only of a form that was checked."""
        return "picture" in self.files or bool(self.cleaned_data.get("picture_address"))

    @property
    def alt(self) -> dict[str, str]:
        return {language: self.cleaned_data[f"alt_{language}"] for language in LANGUAGES}

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        if self.has_picture:
            if "picture" in self.files and fields.get("picture_address"):
                self.add_error("picture_address", _("Please give a file or an address, not both."))
            for language in LANGUAGES:
                if not fields.get(f"alt_{language}"):
                    self.add_error(f"alt_{language}", _("Please say what the picture shows."))
        return fields


class KitForm(PictureForm):
    """A kit in two languages, with or without a picture."""

    code = forms.SlugField(max_length=60, label=_("Short name (letters, digits and -)"))
    act_url = forms.URLField(max_length=500, assume_scheme="https", label=_("Address of the useful act"))
    valid_days = forms.IntegerField(min_value=1, max_value=60, initial=3, label=_("Days until it expires"))
    certificate_number = forms.CharField(max_length=60, required=False, label=_("Certificate number, if needed"))
    made_with_ai = forms.BooleanField(required=False, label=_("Made with the help of AI"))
    title_hi = forms.CharField(max_length=120, label=_("Title in Hindi"))
    text_hi = forms.CharField(
        label=_("Text in Hindi; an empty line begins another variant"), widget=forms.Textarea(attrs={"rows": 5})
    )
    act_label_hi = forms.CharField(max_length=40, label=_("Words on the button, in Hindi"))
    title_en = forms.CharField(max_length=120, label=_("Title in English"))
    text_en = forms.CharField(
        label=_("Text in English; an empty line begins another variant"), widget=forms.Textarea(attrs={"rows": 5})
    )
    act_label_en = forms.CharField(max_length=40, label=_("Words on the button, in English"))
