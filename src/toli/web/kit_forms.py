"""The forms of the content desk: a kit and its picture."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.content.domain.mails import SUBJECT_LIMIT, paragraphs_of
from toli.content.domain.passport import ALT_LIMIT, RenditionDraft
from toli.content.domain.platforms import PLATFORMS
from toli.content.domain.poster import Area, PosterTemplate
from toli.content.domain.video import MOST_BYTES as MOST_VIDEO
from toli.content.errors import VideoTooHeavy
from toli.content.services import KitEdits, PlatformDraft
from toli.core.domain.pictures import MEGABYTE, MOST_BYTES
from toli.core.errors import PictureTooHeavy
from toli.web.forms import PlainForm

LANGUAGES = ("hi", "en")
SUBJECT = "_subject_"  # between platform and language in the name of a field


class VideoForm(PlainForm):
    """A video, and what is said in it, to be read."""

    video = forms.FileField(
        required=False,
        allow_empty_file=True,  # the video's own check says it better
        label=_("Video: MP4, MOV, 3GP or WebM, up to 50 MB and 5 minutes"),
        widget=forms.FileInput(
            attrs={"accept": "video/mp4,video/quicktime,video/webm,video/3gpp", "data-most": MOST_VIDEO}
        ),
    )
    captions_hi = forms.FileField(
        required=False,
        label=_("Captions in Hindi, a WebVTT file"),
        widget=forms.FileInput(attrs={"accept": ".vtt,text/vtt"}),
    )
    captions_en = forms.FileField(
        required=False,
        label=_("Captions in English, a WebVTT file"),
        widget=forms.FileInput(attrs={"accept": ".vtt,text/vtt"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        too_heavy = str(VideoTooHeavy(most=MOST_VIDEO // MEGABYTE))
        self.fields["video"].widget.attrs["data-heavy"] = too_heavy  # said before it is sent


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


def _hundredths(label: Any, initial: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "max": 100})
    return forms.IntegerField(label=label, initial=initial, required=False, min_value=0, max_value=100, widget=widget)


class PosterTemplateForm(PlainForm):
    """Where members stand on posters, in which colour, and whether there is a QR code."""

    where = forms.ChoiceField(
        label=_("Where name and photo stand"),
        choices=[("below", _("In a band below the picture")), ("on", _("On the picture"))],
        widget=forms.RadioSelect,
    )
    left = _hundredths(_("From the left edge, in percent"), 4)
    top = _hundredths(_("From the upper edge, in percent"), 70)
    width = _hundredths(_("Width, in percent of the picture"), 60)
    height = _hundredths(_("Height, in percent of the picture"), 24)
    own_colour = forms.BooleanField(required=False, label=_("A colour of its own; otherwise the organisation's"))
    colour = forms.CharField(
        required=False, label=_("Colour behind name and photo"), widget=forms.TextInput(attrs={"type": "color"})
    )
    qr = forms.BooleanField(required=False, label=_("A QR code with the member's link"))

    @staticmethod
    def begun_with(template: PosterTemplate) -> dict[str, Any]:
        """What the form shows of a template."""
        begun: dict[str, Any] = asdict(template.area) if template.area else {}
        colour = template.colour or "#0e5566"
        where = "on" if template.area else "below"
        return {**begun, "where": where, "own_colour": bool(template.colour), "colour": colour, "qr": template.qr}

    def template(self) -> PosterTemplate:
        """What was chosen; a part of the place that was left empty counts as nothing."""
        fields = self.cleaned_data
        area = None
        if fields["where"] == "on":
            area = Area(*(fields[name] or 0 for name in ("left", "top", "width", "height")))
        return PosterTemplate(area, fields["colour"].lower() if fields["own_colour"] else "", fields["qr"])


_BLANK_LINE = re.compile(r"\n\s*\n")
_MOMENT = "%Y-%m-%dT%H:%M"


def variants_of(text: str) -> tuple[str, ...]:
    """The variants in a field: an empty line begins another one."""
    return tuple(part.strip() for part in _BLANK_LINE.split(text.replace("\r\n", "\n")) if part.strip())


def whole_of(text: str) -> tuple[str, ...]:
    """One text with its paragraphs; none where nothing was written."""
    found = "\n\n".join(paragraphs_of(text.replace("\r\n", "\n")))
    return (found,) if found else ()


def _words(label: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 5, "data-fits": ""})  # counted by kit.js while somebody writes
    return forms.CharField(label=label, widget=widget)


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
    wrong = {"invalid": _("Please write day and time.")}
    return forms.DateTimeField(
        label=label, required=False, widget=widget, input_formats=[_MOMENT, _MOMENT + ":%S"], error_messages=wrong
    )


class WordsForm(PlainForm):
    """The words of a kit in two languages, and what its passport needs."""

    title_hi = forms.CharField(max_length=120, label=_("Title in Hindi"))
    text_hi = _words(_("Text in Hindi; an empty line begins another variant"))
    act_label_hi = forms.CharField(max_length=40, label=_("Words on the button, in Hindi"))
    title_en = forms.CharField(max_length=120, label=_("Title in English"))
    text_en = _words(_("Text in English; an empty line begins another variant"))
    act_label_en = forms.CharField(max_length=40, label=_("Words on the button, in English"))
    act_url = forms.URLField(max_length=500, assume_scheme="https", label=_("Address of the useful act"))
    topic = forms.CharField(max_length=80, required=False, label=_("Topic, if you like"))
    certificate_number = forms.CharField(max_length=60, required=False, label=_("Certificate number, if needed"))
    made_with_ai = forms.BooleanField(required=False, label=_("Made with the help of AI"))
    valid_from = _moment(_("Valid from; from now on if empty"))

    def renditions(self) -> list[RenditionDraft]:
        """What was written, by language."""
        fields = self.cleaned_data
        return [
            RenditionDraft(
                language,
                fields[f"title_{language}"].strip(),
                variants_of(fields[f"text_{language}"]),
                fields[f"act_label_{language}"].strip(),
            )
            for language in LANGUAGES
        ]


class KitForm(PictureForm, WordsForm):
    """A new kit, with or without a picture."""

    code = forms.SlugField(max_length=60, label=_("Short name (letters, digits and -)"))
    valid_days = forms.IntegerField(min_value=1, max_value=60, initial=3, label=_("Days until it expires"))


class EditForm(WordsForm):
    """A kit that is there already."""

    valid_until = _moment(_("Valid until"))

    def edits(self) -> KitEdits:
        """The changes as the service takes them."""
        fields = self.cleaned_data
        plain = {name: fields[name] for name in ("act_url", "topic", "certificate_number", "made_with_ai")}
        moments = {name: fields[name] for name in ("valid_from", "valid_until")}
        return KitEdits(renditions=self.renditions(), **plain, **moments)


class ReviewForm(EditForm):
    """A kit with the changes of whoever approves it."""

    note = forms.CharField(max_length=500, required=False, label=_("Note to whoever wrote it"))


def words_of(kit: Any) -> dict[str, Any]:
    """What the forms above begin with."""
    found = {name: getattr(kit, name) for name in ("act_url", "topic", "certificate_number", "made_with_ai")}
    for item in kit.renditions.all():
        found[f"title_{item.language}"] = item.title
        found[f"text_{item.language}"] = "\n\n".join(item.texts)
        found[f"act_label_{item.language}"] = item.act_label
    return {**found, "valid_from": kit.valid_from, "valid_until": kit.valid_until}


class PlatformForm(PlainForm):
    """Other words for each platform, in each language; empty: the words of the kit itself."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in languages:
            for platform in PLATFORMS.values():
                if platform.whole:
                    self.fields[f"{platform.code}{SUBJECT}{language}"] = _subject(platform.code + SUBJECT)
                self.fields[f"{platform.code}_{language}"] = forms.CharField(
                    required=False,
                    max_length=20_000,
                    label=_("Text; an empty line begins another paragraph") if platform.whole else platform.name,
                    widget=forms.Textarea(attrs={"rows": 10 if platform.whole else 3, "data-fits": platform.code}),
                )

    def drafts(self) -> list[PlatformDraft]:
        """What was written, for the service."""
        found = []
        for name, text in self.cleaned_data.items():
            code, _line, language = name.rpartition("_")
            if code in PLATFORMS:
                texts = whole_of(text) if PLATFORMS[code].whole else variants_of(text)
                subject = self.cleaned_data.get(f"{code}{SUBJECT}{language}", "")
                found.append(PlatformDraft(language, code, texts, subject))
        return found


def own_words_of(kit: Any) -> dict[str, Any]:
    """What the form of platforms begins with."""
    found = {}
    for item in kit.platform_texts.all():
        found[f"{item.platform}_{item.language}"] = "\n\n".join(item.texts)
        found[f"{item.platform}{SUBJECT}{item.language}"] = item.subject
    return found


def _subject(code: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"data-fits": code.rstrip("_")})
    return forms.CharField(
        required=False, max_length=SUBJECT_LIMIT, label=_("Subject; empty: the title"), widget=widget
    )
