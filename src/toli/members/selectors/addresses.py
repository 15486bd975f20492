"""Which address a member has on which channel: the number they enrolled with, or one that another context keeps."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from toli.core.crypto import cipher_for
from toli.members.domain.purposes import Channel
from toli.members.models import ContactKind, ContactPoint
from toli.members.ports import AddressBook
from toli.members.selectors.numbers import CONTACT_CONTEXT

STREAM = 5000


class Numbers:
    """Telephone numbers (E.164), the first one of each member."""

    def holders(self) -> QuerySet[Any, Any]:
        return ContactPoint.objects.filter(kind=ContactKind.PHONE).values("member_id")

    def addresses(self, member_ids: QuerySet[Any, Any], *, few: bool) -> Iterator[tuple[int, str]]:
        points = ContactPoint.objects.filter(member__in=member_ids, kind=ContactKind.PHONE)
        points = points.order_by("member_id", "pk").distinct("member_id")
        cipher = cipher_for(CONTACT_CONTEXT)
        found = points.values_list("member_id", "pk", "value_sealed")
        for member_id, point_id, sealed in found if few else found.iterator(chunk_size=STREAM):
            yield member_id, cipher.decrypt(bytes(sealed), row=point_id)


_NUMBERS = Numbers()
_books: dict[Channel, AddressBook] = {}


def keep_addresses(channel: Channel, book: AddressBook) -> None:
    """From now on addresses on this channel come from this book; said once, when Django starts."""
    _books[channel] = book


def book_of(channel: Channel) -> AddressBook:
    """Who knows where members are found on this channel: by their number, where nobody else said so."""
    return _books.get(channel, _NUMBERS)
