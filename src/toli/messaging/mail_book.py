"""Mailboxes that members have confirmed, as addresses. The book tells the mailbox's own number as well: what comes
back is about that mailbox, and not about the one that a member gave later."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from toli.core.crypto import cipher_for
from toli.messaging.models import MailAddress

ADDRESS_CONTEXT = "messaging_mailaddress.address"
STREAM = 5000


class MailBook:
    """An address is ``<number>:<name>@<host>``."""

    def holders(self) -> QuerySet[Any, Any]:
        return MailAddress.objects.usable().values("member_id")

    def addresses(self, member_ids: QuerySet[Any, Any], *, few: bool) -> Iterator[tuple[int, str]]:
        found = MailAddress.objects.usable().filter(member__in=member_ids).order_by("member_id")
        rows = found.values_list("member_id", "pk", "address_sealed")
        cipher = cipher_for(ADDRESS_CONTEXT)
        for member_id, pk, sealed in rows if few else rows.iterator(chunk_size=STREAM):
            yield member_id, f"{pk}:{cipher.decrypt(bytes(sealed), row=pk)}"
