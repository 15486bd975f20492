"""Ways by which a kit reaches members directly: their senders, what members read, what hinders them. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from toli.compliance.domain.channels import why_barred
from toli.compliance.selectors import get_organisation
from toli.content import selectors as content
from toli.content.domain.mails import paragraphs_of, preheader_of
from toli.content.domain.platforms import counted_length
from toli.content.models import Kit
from toli.distribution.domain.forecast import Obstacle, Pictured
from toli.distribution.domain.wording import Wording
from toli.distribution.ports import posting_channels
from toli.members.domain.citizens import OFFERED as CITIZENS_CHANNELS
from toli.members.domain.purposes import Channel
from toli.members.services import with_way_out
from toli.messaging import selectors as messaging
from toli.messaging.domain.kit_templates import KitTemplate, parse
from toli.messaging.domain.slots import STOP, fill
from toli.messaging.models import Audience, Sender, SenderState
from toli.messaging.ports import Content
from toli.messaging.providers import provider_class, providers

ASSISTED = "assisted"
PURPOSE = "content"
IMAGE = "image"
SIZES = {Channel.PUSH.value: "telegram"}  # notifications show a wide picture
# As long as real ones become: a member's own link, and one that stops messages (numbers of members below 2^40).
_LINK, _STOP = "/s/" + "x" * 10, "/c/" + "x" * 27


@dataclass(frozen=True, slots=True)
class Way:
    """One provider. ``channel``: what members agree to. ``senders``: those that can carry a kit. ``caption_length``:
    of a text that stands below a picture (0: as long as any)."""

    key: str
    channel: str
    needs_template: bool
    length: int
    template_length: int
    pictures: bool = False
    caption_length: int = 0
    senders: Sequence[Sender] = field(default=())
    others: int = 0  # senders that lack a template
    free: bool = False  # no price written down means that it costs nothing


def channels() -> tuple[str, ...]:
    """Everything that a plan can name: people's hands, all providers, and what programs post by into places."""
    return (ASSISTED, *providers(), *posting_channels())


def to_members(found: Iterable[str]) -> list[str]:
    """Those of the channels by which members are written to, one by one."""
    return [key for key in found if key in providers()]


def to_citizens(found: Iterable[str]) -> list[str]:
    """Those of the channels by which citizens who agreed are written to: they were asked about these alone."""
    return [key for key in to_members(found) if channel_of(key) in CITIZENS_CHANNELS]


def consents_of(ways: Sequence["Way"]) -> list[str]:
    """What people have to have agreed to for one of these ways, in their order."""
    return list(dict.fromkeys(way.channel for way in ways))


def for_audience(found: Iterable[str], audience: str) -> list[str]:
    """Those of the channels by which this audience is written to."""
    return to_citizens(found) if audience == Audience.CITIZENS else to_members(found)


def channel_of(key: str) -> str:
    """What members agree to when this provider writes to them; of one that is no longer set up, its key."""
    kind = providers().get(key)
    return kind.channel if kind else key


def offered() -> tuple[str, ...]:
    """What a plan can use now: people's hands, and each provider with a sender that sends and that is not barred.

    And what programs post by, where there are places for it.
    """
    kind = get_organisation().kind
    sending = {sender.provider for sender in messaging.active_senders()}
    able = [*(key for key in providers() if key in sending), *posting_channels(ready=True)]
    return (ASSISTED, *(key for key in able if why_barred(kind, key) is None))


def way_of(key: str) -> Way:
    """The way by this provider, with its senders as they are now. Raises ProviderUnknown."""
    kind, found = provider_class(key), messaging.senders_of(key)
    can = kind.capabilities
    fit = [sender for sender in found if sender.kit_template or not can.needs_template]
    return Way(
        key,
        kind.channel,
        can.needs_template,
        can.body_length,
        can.template_length,
        IMAGE in can.media,
        can.caption_length,
        fit,
        len(found) - len(fit),
        can.free,
    )


def obstacle_of(kit: Kit, way: Way, *, sending: bool = False) -> Obstacle | None:
    """Why the kit cannot go out this way. ``sending``: a sender that is paused does not do."""
    if why_barred(get_organisation().kind, way.key) is not None:
        return Obstacle.BARRED
    if not way.senders:
        return Obstacle.NO_TEMPLATE if way.others else Obstacle.NO_SENDER
    if sending and all(sender.state != SenderState.ACTIVE for sender in way.senders):
        return Obstacle.NO_SENDER
    templates = {parse(sender.kit_template) for sender in way.senders}
    labelled = kit.made_with_ai or bool(kit.certificate_number)
    if labelled and any(item and not item.of_one_kit and "publisher" not in item.parts for item in templates):
        return Obstacle.UNLABELLED
    if any(item and item.picture for item in templates) and content.picture_of(kit) is None:
        return Obstacle.NO_PICTURE
    return Obstacle.TOO_LONG if any(_is_too_long(kit, way, item) for item in templates) else None


def _is_too_long(kit: Kit, way: Way, template: KitTemplate | None) -> bool:
    most, parts = (way.template_length, template.parts) if template else (way.length, None)
    words = [item for variants in wordings(kit, way).values() for item in variants]
    link, stop = settings.BASE_URL + _LINK, settings.BASE_URL + _STOP
    read = (item.read(link=link, stop=stop, parts=parts) for item in words)
    return any(counted_length(way.channel, text) > most for text in read)


def pictured(kit: Kit, way: Way) -> Pictured | None:
    """What becomes of the kit's picture by this way; None: it has none, or nobody sends."""
    if not way.senders or content.picture_of(kit) is None:
        return None
    if not way.pictures:
        return Pictured.NO_PICTURES
    templates = {parse(sender.kit_template) for sender in way.senders}
    if any(item is not None and not item.picture for item in templates):
        return Pictured.NO_PLACE
    link, stop = settings.BASE_URL + _LINK, settings.BASE_URL + _STOP
    words = [item for variants in wordings(kit, way).values() for item in variants] if None in templates else []
    most = way.caption_length or way.length
    longer = any(counted_length(way.channel, item.read(link=link, stop=stop)) > most for item in words)
    return Pictured.SHORT_TEXTS if longer else Pictured.GOES


def wordings(kit: Kit, way: Way) -> Mapping[str, Sequence[Wording]]:
    """The kit's variants by language, in its own words for this channel where it has some."""
    return {item.language: _wordings(kit, item.language, way.channel) for item in kit.renditions.all()}


@dataclass(frozen=True, slots=True)
class MailAsRead:
    """An e-mail of a kit as mail programs show it: in the list of messages, and opened."""

    sender: str
    subject: str
    preheader: str
    heading: str
    paragraphs: Sequence[str]
    notes: Sequence[str]
    way_out: str
    alt: str


def mail_as_read(kit: Kit, language: str) -> MailAsRead:
    """What members would read by e-mail, in its first variant."""
    wording = _wordings(kit, language, Channel.EMAIL.value)[0]
    return MailAsRead(
        sender=_mail_sender(language),
        subject=wording.subject or wording.title,
        preheader=preheader_of(wording.text),
        heading=wording.title,
        paragraphs=paragraphs_of(wording.text),
        notes=wording.notes,
        way_out=fill(wording.way_out, [], lambda: f"{settings.BASE_URL}/c/…"),
        alt=_alt(kit, language),
    )


def _mail_sender(language: str) -> str:
    """The name that e-mails come from; before there is a sender, the organisation's."""
    keys = [key for key, kind in providers().items() if kind.channel == Channel.EMAIL]
    found = next((sender for key in keys for sender in messaging.senders_of(key)), None)
    return str(found.config.get("name", "")) if found else get_organisation().label(language)


def content_of(kit: Kit, wording: Wording, sender: Sender) -> Content:
    """What a batch says: by the sender's template where it has one, else as free text; with the kit's picture where
    channel and template have room for one."""
    template = parse(sender.kit_template)
    params = wording.params(template.parts) if template else ()
    name, picture = template_name(kit, sender), _picture(kit, sender, template)
    return Content(
        text=wording.free(),
        template=name,
        language=wording.language,
        params=params,
        media=IMAGE if picture else "",
        media_link=picture,
        media_alt=_alt(kit, wording.language) if picture else "",
        subject=wording.subject,
        slots=True,
        notes=wording.notes,
    )


def _picture(kit: Kit, sender: Sender, template: KitTemplate | None) -> str:
    """The address of the picture that goes along, in the size of the channel; empty: none does."""
    kind = provider_class(sender.provider)
    if IMAGE not in kind.capabilities.media or (template is not None and not template.picture):
        return ""
    found = content.picture_for_platform(kit, SIZES.get(kind.channel, kind.channel))
    return f"{settings.BASE_URL}/m/{found.digest}.jpg" if found else ""


def _alt(kit: Kit, language: str) -> str:
    """What the kit's picture shows."""
    found = content.picture_of(kit)
    return str(found.alt.get(language, "")) if found else ""


def template_name(kit: Kit, sender: Sender) -> str:
    """The name of the template by which the sender sends this kit; empty: free text."""
    template = parse(sender.kit_template)
    return template.for_kit(kit.code) if template else ""


def _wordings(kit: Kit, language: str, channel: str) -> list[Wording]:
    words, notes = content.words_for(kit, language, channel), _notes(kit, language)
    way_out = with_way_out("", language, link=STOP).strip()
    return [Wording(language, words.title, text, notes, way_out, words.subject) for text in words.texts]


def _notes(kit: Kit, language: str) -> tuple[str, ...]:
    """What the passport of the kit obliges us to say wherever it is read."""
    organisation = get_organisation()
    imprint = organisation.imprint(language)
    with translation.override(language):
        label = _("Made with the help of AI") if kit.made_with_ai else ""
        certificate = _("Certificate:") + f" {kit.certificate_number}" if kit.certificate_number else ""
    return tuple(note for note in (imprint, label, certificate) if note)
