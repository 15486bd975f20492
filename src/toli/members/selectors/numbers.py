"""Telephone numbers, masked for screens or in full for services that have recorded why."""

from collections.abc import Iterable

from toli.core.copying import these
from toli.core.crypto import cipher_for, index_for
from toli.core.domain.phone import masked
from toli.members.models import (
    ContactKind,
    ContactPoint,
    Member,
)

CONTACT_CONTEXT = "members_contactpoint.value"
PHONE_INDEX = "phone"
TAIL_INDEX = "phone_tail"
TAIL = 4  # digits


def masked_phone(member: Member) -> str:
    """The member's number as a screen may show it; empty when there is none."""
    return masked_phones([member.pk]).get(member.pk, "")


def masked_phones(member_ids: Iterable[int]) -> dict[int, str]:
    """Each member's number as a screen or a list may show it; members without one are missing."""
    return {member_id: masked(number) for member_id, number in plain_phones(member_ids).items()}


def plain_phones(member_ids: Iterable[int]) -> dict[int, str]:
    """Full numbers (E.164), for services of this context that have checked and recorded why."""
    points = ContactPoint.objects.filter(member_id__in=these(member_ids), kind=ContactKind.PHONE)
    first = points.order_by("member_id", "pk").distinct("member_id").values_list("member_id", "pk", "value_sealed")
    cipher = cipher_for(CONTACT_CONTEXT)
    return {member_id: cipher.decrypt(bytes(sealed), row=pk) for member_id, pk, sealed in first}


def every_phone(member_id: int) -> tuple[str, ...]:
    """All numbers (E.164) of a member, for erasing each trace of them."""
    points = ContactPoint.objects.filter(member_id=member_id, kind=ContactKind.PHONE).order_by("pk")
    cipher = cipher_for(CONTACT_CONTEXT)
    return tuple(cipher.decrypt(bytes(point.value_sealed), row=point.pk) for point in points)


def numbers_in(sealed: Iterable[tuple[int, bytes]]) -> list[str]:
    """The numbers (E.164) in rows of contact points, given by id and cipher text, to compute their index anew."""
    cipher = cipher_for(CONTACT_CONTEXT)
    return [cipher.decrypt(text, row=pk) for pk, text in sealed]


def tail_indexes(phones: Iterable[str]) -> list[bytes]:
    """The blind index of the last four digits of each number. There are only ten thousand, so each is hashed once."""
    tails = [phone[-TAIL:] for phone in phones]
    known = sorted(set(tails))
    by_tail = dict(zip(known, index_for(TAIL_INDEX).of_many(known), strict=True))
    return [by_tail[tail] for tail in tails]
