"""Members' own accounts on the platform, as addresses: who connected one can be written to by the bot."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from toli.botgroups.models import PlatformAccount
from toli.botgroups.services.ordering import person_of

STREAM = 5000


class AccountBook:
    """An address is the number of an account, in digits."""

    def holders(self) -> QuerySet[Any, Any]:
        return PlatformAccount.objects.values("member_id")

    def addresses(self, member_ids: QuerySet[Any, Any], *, few: bool) -> Iterator[tuple[int, str]]:
        found = PlatformAccount.objects.filter(member__in=member_ids).order_by("member_id")
        for account in found if few else found.iterator(chunk_size=STREAM):
            yield account.member_id, str(person_of(account))
