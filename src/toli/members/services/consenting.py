"""Recording what people agree to, and taking it back. Rows are added, never changed: the latest one counts.

Whoever withdraws waits for messages that are being handed over at this moment and for no others: once the
answer is there, nothing more is sent (see services/sending.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from toli.accounts.domain.actor import ANONYMOUS, SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.members import selectors
from toli.members.domain import withdrawal
from toli.members.domain.purposes import ASKED, CHANNELS, PAGES, PURPOSES, RECOGNITION, Channel, Purpose, stands
from toli.members.domain.withdrawal import Token
from toli.members.errors import MemberNotFound, WithdrawalUnknown
from toli.members.models import ConsentRecord, Member
from toli.members.services import citizens

EVERYTHING = "all"
DIGITS_SHOWN = 2
SLOW_CLOCK = timedelta(minutes=1)  # providers tell whole seconds, by clocks of their own


@transaction.atomic
def set_consent(
    *,
    actor: Actor = SYSTEM,
    member_id: int,
    purpose: str,
    given: bool,
    language: str,
    evidence: Mapping[str, Any],
    channels: Sequence[str] = (),
) -> list[ConsentRecord]:
    """Record a word on one purpose, a row for each channel; it holds from this moment.

    Without ``channels`` a yes covers what the notice asked about, and a no covers all there are.
    ``evidence`` says how it was given (page, code verified), and holds no telephone number.
    A word on being shown to one's team (RECOGNITION) has no channel.

    Raises:
        MemberNotFound. ValueError: there is no such purpose or channel.
    """
    if purpose == RECOGNITION:
        return _write(
            actor,
            member_id,
            [(RECOGNITION, PAGES)],
            action="members.recognition.give" if given else "members.recognition.withdraw",
            given=given,
            language=language,
            evidence=evidence,
        )
    covered = tuple(Channel(channel) for channel in channels) or (ASKED[Purpose(purpose)] if given else CHANNELS)
    pairs = [(Purpose(purpose).value, str(channel)) for channel in covered]
    return _write(
        actor,
        member_id,
        pairs,
        action="members.consent.give" if given else "members.consent.withdraw",
        given=given,
        language=language,
        evidence=evidence,
    )


@transaction.atomic
def stop_messages(
    *,
    actor: Actor,
    member_ids: Collection[int],
    channel: str,
    language: str,
    evidence: Mapping[str, Any],
    said_at: datetime,
) -> dict[int, str]:
    """Record a no to every purpose by this channel, for each of these who has not said so yet.

    Returns whose word it changed, with the language that they read. A yes that was given after ``said_at`` stays: what
    was written came late. Safe to repeat.
    """
    changed: dict[int, str] = {}
    for member_id in sorted(member_ids):  # in order of id, as messages to them wait (services/sending.py)
        member = Member.objects.select_for_update(of=("self",)).filter(pk=member_id).first()
        pairs = [] if member is None else _still_open(member_id, Channel(channel), said_at)
        if member is None or not pairs:
            continue
        _write(
            actor,
            member_id,
            pairs,
            action="members.consent.withdraw",
            given=False,
            language=language,
            evidence=evidence,
        )
        changed[member_id] = member.language
    return changed


def _still_open(member_id: int, channel: Channel, said_at: datetime) -> list[tuple[str, str]]:
    """The purposes by this channel for which a no at this moment says something new."""
    rows = ConsentRecord.objects.filter(member_id=member_id, channel=channel.value, purpose__in=PURPOSES)
    latest = {row.purpose: row for row in rows.order_by("purpose", "-at", "-pk").distinct("purpose")}
    settled = {
        purpose for purpose, row in latest.items() if not row.given or row.at > said_at + SLOW_CLOCK
    }  # fmt: skip
    return [(purpose, channel.value) for purpose in PURPOSES if purpose not in settled]


# -- without signing in ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What the page behind a link may show: the last digits of the number, and which purposes still stand.

    ``standing`` maps each purpose to whether messages for it come by the link's channel. ``citizen``: of somebody who
    is no member, whose word is taken back as a whole; ``agreement``: what it is, while it stands.
    """

    token: str
    purpose: str
    channel: str
    last_digits: str
    standing: Mapping[str, bool]
    citizen: bool = False
    agreement: citizens.Agreement | None = None


def withdrawal_path(*, member_id: int, purpose: str, channel: str) -> str:
    """The address, below the site's root, that takes this consent back without signing in."""
    return "/c/" + withdrawal.encode(Token(member_id, purpose, channel), key=_key())


def stop_path(*, citizen_id: int, channel: str) -> str:
    """The address, below the site's root, where a citizen who is no member stops what comes to them."""
    return "/c/" + withdrawal.encode(Token(citizen_id, Purpose.CONTENT, channel, citizen=True), key=_key())


@wall.lifted("whoever has just proved a number is led to what they agreed to with it")
def stop_path_of(*, phone: str) -> str:
    """Where a citizen with this number (E.164) stops what comes to them; empty when nothing does."""
    found = citizens.agreed_with(phone)
    return stop_path(citizen_id=found[0], channel=found[1]) if found else ""


@wall.lifted("the sealed link stands for its holder")
def behind_withdrawal(*, token: str) -> Withdrawal:
    """What the link is about; for somebody who left, or whose data is erased, nothing stands any more.

    Raises:
        WithdrawalUnknown: we never sent this link.
    """
    found = _read(token)
    if found.citizen:
        return Withdrawal(
            token,
            found.purpose,
            found.channel,
            citizens.last_digits(found.person_id),
            citizens.standing_of(found.person_id),
            citizen=True,
            agreement=citizens.agreement_of(found.person_id),
        )
    member = Member.objects.active().filter(pk=found.person_id).first()
    words = selectors.words(found.person_id) if member else {}
    standing = {
        purpose: member is not None and stands(words.get((purpose, found.channel)), purpose) for purpose in PURPOSES
    }
    shown = selectors.masked_phone(member)[-DIGITS_SHOWN:] if member else ""
    return Withdrawal(token, found.purpose, found.channel, shown, standing)


@transaction.atomic
@wall.lifted("the sealed link stands for its holder")
def withdraw(*, token: str, what: str, language: str) -> None:
    """Take back what the holder of the link names: a purpose on the link's channel, or everything everywhere.

    A citizen's word is taken back as a whole, and their number goes.

    Safe to repeat: what is withdrawn already is not written again.

    Raises:
        WithdrawalUnknown. ValueError: ``what`` is neither a purpose nor ``all``.
    """
    found = _read(token)
    if found.citizen:
        if what != EVERYTHING:
            Purpose(what)
        citizens.end_agreement(actor=ANONYMOUS, citizen_id=found.person_id, language=language, page="withdrawal link")
        return
    if not Member.objects.active().filter(pk=found.person_id).exists():
        return
    if what == EVERYTHING:
        wanted = [(purpose, channel) for purpose in PURPOSES for channel in CHANNELS]
    else:
        wanted = [(Purpose(what).value, found.channel)]
    _lock(found.person_id)
    said = selectors.words(found.person_id)
    open_pairs = [pair for pair in wanted if said.get(pair) is not False]
    if open_pairs:
        evidence = {"page": "withdrawal link", "sent_for": found.purpose, "sent_by": found.channel}
        _write(
            ANONYMOUS,
            found.person_id,
            open_pairs,
            action="members.consent.withdraw",
            given=False,
            language=language,
            evidence=evidence,
        )


def _read(token: str) -> Token:
    try:
        return withdrawal.decode(token, key=_key())
    except ValueError:
        raise WithdrawalUnknown from None


def _key() -> bytes:
    return withdrawal.key_from(settings.SECRET_KEY)


# -- writing ---------------------------------------------------------------------------------------


def _lock(member_id: int) -> Member:
    """The member; messages to them wait, and messages being handed over are waited for."""
    member = Member.objects.select_for_update(of=("self",)).select_related("drive").filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _write(
    actor: Actor,
    member_id: int,
    pairs: Iterable[tuple[str, str]],
    *,
    action: str,
    given: bool,
    language: str,
    evidence: Mapping[str, Any],
) -> list[ConsentRecord]:
    member, now, spoken = _lock(member_id), clock.now(), list(pairs)
    rows = ConsentRecord.objects.bulk_create(
        ConsentRecord(
            member=member,
            purpose=purpose,
            channel=channel,
            given=given,
            notice_version=member.drive.notice_version,
            language=language,
            evidence=dict(evidence),
            at=now,
        )
        for purpose, channel in spoken
    )
    audit.record_act(
        actor,
        action=action,
        target=f"member:{member_id}",
        territory_id=member.territory_id,
        details={"what": [f"{purpose} by {channel}" for purpose, channel in spoken]},
    )
    return rows
