"""Whose data it is that will be erased, and what keeps the erasure from being undone.

A tombstone is a keyed hash of the number and the id that its owner had. It is kept twice: in the database,
where it keeps lists from bringing the person back, and in a file apart from the database, from which
`toli rights replay-tombstones` erases again whom a restored backup has brought back. The hash is under a
key of its own: it cannot be matched with the blind index, whose keys can be changed because the numbers are there.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from toli.core import clock
from toli.core.crypto import keyed_hash
from toli.core.personal_data import Person
from toli.members import selectors
from toli.members.errors import MemberNotFound
from toli.members.models import ErasedNumber, Member, MemberState

HASH_CONTEXT = "members_erasednumber.number"
FILE = "tombstones.jsonl"


def person(member_id: int) -> Person:
    """Who a member is, for those who show or erase all that is kept about them. Raises MemberNotFound."""
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound
    name = member.name if member.state != MemberState.ERASED else ""
    return Person(member.pk, member.account_id or 0, name, selectors.every_phone(member.pk))


def erased_among(phones: Iterable[str]) -> set[str]:
    """Which of these numbers (E.164) belong to people whose data was erased, or who said that they never joined."""
    if not ErasedNumber.objects.exists():
        return set()
    hashes = {_hash(phone): phone for phone in phones}
    found = ErasedNumber.objects.filter(number_hash__in=list(hashes)).values_list("number_hash", flat=True)
    return {hashes[bytes(number_hash)] for number_hash in found}


def keep_away(*, member_id: int) -> None:
    """The owner of the member's numbers never joined: no list brings them back, also when their data is erased."""
    for phone in selectors.every_phone(member_id):
        ErasedNumber.objects.get_or_create(
            number_hash=_hash(phone), defaults={"member_number": member_id, "erased_at": clock.now()}
        )


def let_come_back(*, phone: str) -> None:
    """The owner of the number joins by their own act: lists may know them again."""
    ErasedNumber.objects.filter(number_hash=_hash(phone)).delete()


@transaction.atomic
def bury(*, person: Person) -> None:
    """Write the tombstones of a person, in the database and in the file; on disk before this returns.

    A file that has the line while the transaction fails does no harm: who asked for erasure is only erased
    later than they asked.
    """
    now = clock.now()
    for phone in person.phones:
        ErasedNumber.objects.update_or_create(
            number_hash=_hash(phone), defaults={"member_number": person.member_id, "erased_at": now}
        )
    lines = [
        {"member": person.member_id, "number": _hash(phone).hex(), "erased_at": now.isoformat()}
        for phone in person.phones
    ]
    _append("".join(json.dumps(line) + "\n" for line in lines))


def find_buried() -> Iterator[int]:
    """Ids of members whom a restored backup has brought back: the same id with the same number.

    Ids alone would not do: after the restore of a backup that is older than the person, another may have theirs.
    Tombstones that the database has lost are put back on the way; for somebody who has joined again by their own
    act that means nothing, as a list finds the number known before it asks for tombstones.
    """
    path = _path()
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        stone = json.loads(line)
        number_hash, member_id = bytes.fromhex(stone["number"]), int(stone["member"])
        phones = selectors.every_phone(member_id)
        if any(_hash(phone) == number_hash for phone in phones):
            yield member_id
        ErasedNumber.objects.get_or_create(
            number_hash=number_hash, defaults={"member_number": member_id, "erased_at": stone["erased_at"]}
        )


def _hash(phone: str) -> bytes:
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, HASH_CONTEXT, phone)


def _path() -> Path:
    return Path(settings.RIGHTS_DIR) / FILE


def _append(text: str) -> None:
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
