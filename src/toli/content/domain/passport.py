"""What must be known about a kit before it may be approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from toli.content.domain.media import LABEL_SHARE

TITLE_LIMIT = 120
ACT_LABEL_LIMIT = 40
ALT_LIMIT = 250  # what a picture shows, read out by a screen reader in one go
TEXT_LIMIT = 1000  # the shared text also carries a link; WhatsApp cuts long texts behind "Read more"


@dataclass(frozen=True, slots=True)
class RenditionDraft:
    """A kit in one language: title, text variants, and the words on the button of the useful act."""

    language: str
    title: str
    texts: tuple[str, ...]
    act_label: str


@dataclass(frozen=True, slots=True)
class Passport:
    """What is known about a kit when its approval is asked for.

    ``elections``: those under way, while the kit is valid, where it goes. ``label_share``: which part of the
    picture says that AI made it; None without a picture.
    ``video_ready``: whether its video can be shown; None without a video.
    """

    organisation_kind: str
    imprints: Mapping[str, str]
    certificate_number: str
    valid_from: datetime
    valid_until: datetime
    renditions: Sequence[RenditionDraft]
    elections: Sequence[str] = field(default=())
    certificate_filed: bool = False
    made_with_ai: bool = False
    label_share: float | None = None
    video_ready: bool | None = None


def faults_of(rendition: RenditionDraft) -> list[str]:
    """Codes of what is wrong with one rendition: ``title``, ``text`` or ``act_label``."""
    faults = []
    if not 0 < len(rendition.title) <= TITLE_LIMIT:
        faults.append("title")
    if not rendition.texts or any(not 0 < len(text) <= TEXT_LIMIT for text in rendition.texts):
        faults.append("text")
    if not 0 < len(rendition.act_label) <= ACT_LABEL_LIMIT:
        faults.append("act_label")
    return faults


def alt_faults(alt: Mapping[str, str], languages: Sequence[str]) -> list[str]:
    """Codes of languages in which nobody can read what the picture shows, or only at too great length."""
    return [f"alt:{language}" for language in languages if not 0 < len(alt.get(language, "").strip()) <= ALT_LIMIT]


def missing(passport: Passport) -> list[str]:
    """Codes of what blocks approval; empty when nothing does.

    A political organisation needs the number of its pre-certification (Election Commission of India,
    orders on political advertisements), and during an election where the kit goes the certificate itself as
    well; others do not.
    """
    blocked = []
    if not passport.renditions:
        blocked.append("rendition")
    for rendition in passport.renditions:
        blocked += [f"{fault}:{rendition.language}" for fault in faults_of(rendition)]
        if not passport.imprints.get(rendition.language):
            blocked.append(f"imprint:{rendition.language}")
    if passport.organisation_kind == "political":
        blocked += _certificate_faults(passport)
    if passport.made_with_ai and passport.label_share is not None and passport.label_share < LABEL_SHARE:
        blocked.append("ai_label")
    if passport.video_ready is False:
        blocked.append("video")
    if passport.valid_until <= passport.valid_from:
        blocked.append("validity")
    return blocked


def _certificate_faults(passport: Passport) -> list[str]:
    faults = [] if passport.certificate_number else ["certificate"]
    if passport.elections and not passport.certificate_filed:
        faults.append(f"certificate_file:{passport.elections[0]}")
    return faults


def variant_for(number: int, variants: int) -> int:
    """Which text variant the person or group with this number gets: evenly spread, always the same."""
    return number % variants
