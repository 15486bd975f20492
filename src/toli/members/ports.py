"""What members asks of whoever keeps addresses of members."""

from collections.abc import Iterator
from typing import Any, Protocol

from django.db.models import QuerySet


class AddressBook(Protocol):
    """Where members are found on a channel, asked at the moment of sending. An address is a text that the channel's
    provider understands (a number, an account, the devices of somebody); what it holds is for the provider alone."""

    def holders(self) -> QuerySet[Any, Any]:
        """Ids of the members who have an address here, to be used inside of another query."""
        ...

    def addresses(self, member_ids: QuerySet[Any, Any], *, few: bool) -> Iterator[tuple[int, str]]:
        """Of these members, each once who has one. ``few``: hundreds, read in one go, and not as a stream."""
        ...
