"""The one door by which a message leaves for members: no other service holds their addresses.

Members are locked (shared) before their words are read and until the caller's transaction ends, and
whoever withdraws takes the same lock alone. So either the withdrawal was there first and nothing is sent,
or its answer comes after the message is out: nobody is written to after being told that it has ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE, Scope
from toli.accounts.domain.sending import SURELY_NOT_SENT, Outcome
from toli.accounts.errors import TextNotCarried, TextNotSent
from toli.accounts.ports import TextMessage
from toli.accounts.services import text_sender
from toli.members.domain import citizens as notice
from toli.members.domain.purposes import DUTIES, DUTY, Channel, purpose_of_message
from toli.members.models import Citizen, Member
from toli.members.selectors import reachable_points
from toli.members.selectors.citizens import citizens_agreed_among, citizens_number
from toli.members.services.consenting import stop_path, withdrawal_path


@dataclass(frozen=True, slots=True)
class Handover:
    """``sent``: to how many members a text left, or may have left: those are not written to again. ``not_sent``:
    the members whose text surely did not leave."""

    sent: int
    not_sent: frozenset[int] = frozenset()


@transaction.atomic
def send_texts(
    *, scope: Scope, purpose: str, kind: str, texts: Mapping[int, str], channel: str = Channel.SMS.value
) -> Handover:
    """Send each member of the scope their text, if their consent to purpose and channel stands.

    ``texts`` maps ids of members to what they are to read; the link that ends such messages is added. Members wait
    for it when they withdraw, and senders are bounded in time, so hand over hundreds at once, not thousands.

    Raises:
        ValueError: there is no such purpose or channel, or the law obliges nobody to send this kind of text.
        TextNotSent, TextNotCarried: not one of the messages left.
    """
    if purpose == DUTY and kind not in DUTIES:
        raise ValueError(f"no law obliges us to send {kind}")
    languages = dict(Member.objects.filter(pk__in=texts).values_list("pk", "language"))
    _hold(list(texts))
    reached = list(reachable_points(scope, purpose=purpose, channel=channel, member_ids=texts))
    messages = [
        TextMessage(
            to=phone,
            text=_with_way_out(texts[member_id], member_id, purpose, channel, languages[member_id]),
            kind=kind,
            language=languages[member_id],
        )
        for member_id, phone in reached
    ]
    if not messages:
        return Handover(0)
    receipts = text_sender().send_many(messages)
    not_sent = frozenset(
        member_id
        for (member_id, _phone), receipt in zip(reached, receipts, strict=True)
        if receipt.outcome in SURELY_NOT_SENT
    )
    if len(not_sent) == len(messages):
        refused = all(receipt.outcome is Outcome.REFUSED for receipt in receipts)
        raise TextNotCarried(kind=kind) if refused else TextNotSent
    return Handover(len(messages) - len(not_sent), not_sent)


@dataclass(frozen=True, slots=True)
class Addressee:
    """A member who may be written to now, where they live, and their address on the channel that was asked for."""

    address: str = field(repr=False)
    territory_id: int


@contextmanager
def addressees(*, purpose: str, channel: str, member_ids: Sequence[int]) -> Iterator[Mapping[int, Addressee]]:
    """Those of the members who may be written to for ``purpose`` by ``channel``, for as long as the block lasts.

    A transaction: whoever takes their word back waits until it ends. So what is sent inside was sent while consent
    stood, and the numbers must not be kept beyond it. Send within seconds.

    Raises ValueError: there is no such purpose or channel, or it is a duty, which :func:`send_texts` checks.
    """
    with transaction.atomic():
        places = _hold(list(member_ids))
        reached = reachable_points(
            EVERYWHERE, purpose=purpose_of_message(purpose), channel=channel, member_ids=member_ids
        )
        yield {member_id: Addressee(address, places[member_id]) for member_id, address in reached}


@contextmanager
def citizen_addressees(
    *, purpose: str, channel: str, citizen_ids: Sequence[int]
) -> Iterator[Mapping[int, Addressee]]:  # fmt: skip
    """The same for citizens who are no members: those whose word stands, and whose number has become no member's.

    They agreed to one purpose alone; for any other nobody is reached.
    """
    with transaction.atomic():
        ids = list(citizen_ids) if purpose == notice.PURPOSE else []
        # In order of id, as for members. Whoever stops, agrees anew or joins with the number waits for us.
        held = Citizen.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
        agreed = citizens_agreed_among([citizen.pk for citizen in held], channel=channel)
        yield {key: Addressee(citizens_number(citizen), citizen.territory_id) for key, citizen in agreed.items()}


def _with_way_out(text: str, member_id: int, purpose: str, channel: str, language: str) -> str:
    """What the law obliges us to say ends without a link: there is nothing that could be taken back."""
    if purpose == DUTY:
        return text
    return with_way_out(text, language, link=stop_link(member_id, purpose, channel))


def stop_link(member_id: int, purpose: str, channel: str) -> str:
    """The full address at which this member stops messages for this purpose by this channel, without signing in."""
    return f"{settings.BASE_URL}{withdrawal_path(member_id=member_id, purpose=purpose, channel=channel)}"


def citizen_stop_link(citizen_id: int, channel: str) -> str:
    """The full address at which a citizen who is no member stops everything, with one button."""
    return f"{settings.BASE_URL}{stop_path(citizen_id=citizen_id, channel=channel)}"


def with_way_out(text: str, language: str, *, link: str) -> str:
    """The text with the line that ends every message for which consent is asked."""
    with translation.override(language):
        return text + "\n" + _("To stop such messages: %(link)s") % {"link": link}


def _hold(member_ids: list[int]) -> dict[int, int]:
    """Nobody of these takes a word back until the transaction ends. Returns where they live. In order of id, so that
    two senders cannot wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, territory_id FROM members_member WHERE id = ANY(%s) ORDER BY id FOR SHARE", [member_ids]
        )
        return dict(cursor.fetchall())
