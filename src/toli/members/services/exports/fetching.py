"""Fetching a list by a link: for who asked for it, three times at most, within a day."""

import base64
import hashlib
import secrets

from django.db import transaction
from django.db.models import QuerySet

from toli.access.domain.permissions import MEMBERS_EXPORT
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.core import clock
from toli.core.errors import DomainError
from toli.members import selectors
from toli.members.errors import ExportLinkInvalid
from toli.members.models import Export, ExportState
from toli.members.services.exports import file
from toli.members.services.exports.shared import expect, on_sheets, still_allowed, write_down


@transaction.atomic
def open_link(*, actor: Actor, export_id: int) -> str:
    """A token for the actor's own list; an earlier one stops working. Only its hash is kept.

    Raises:
        ExportNotFound: it is not the actor's, or their rights have ended. ExportStateWrong. ExportLinkInvalid.
    """
    export = selectors.get_export(scope_for(actor, MEMBERS_EXPORT), export_id, lock=True)
    _check_owner(actor, export)
    expect(export, ExportState.READY)
    token = secrets.token_urlsafe(32)
    export.token_hash = _hash(token)
    export.save(update_fields=["token_hash"])
    write_down(actor, "members.export.link", export)
    return token


def look_behind_link(*, actor: Actor, token: str) -> Export:
    """The list that a link leads to, without fetching it. Raises ExportLinkInvalid, like :func:`download`."""
    return _behind(actor, token, Export.objects.select_related("territory"))


@transaction.atomic
def download(*, actor: Actor, token: str) -> tuple[str, bytes]:
    """Name and content of the file behind a link; counted, three times at most, for who asked for it only.

    Raises:
        ExportLinkInvalid: unknown, expired, used up, another person's, or their rights have ended;
            the answer does not tell which.
    """
    export = _behind(actor, token, Export.objects.select_for_update(of=("self",)))
    export.downloads += 1
    export.save(update_fields=["downloads"])
    write_down(actor, "members.export.download", export, nth=export.downloads)
    day = clock.day_of(export.asked_at).isoformat()
    text = file.read(export.pk)
    if on_sheets(export):
        return f"cards-{export.territory.code}-{day}.pdf", base64.b64decode(text)
    return f"members-{export.territory.code}-{day}.csv", text.encode()


def _behind(actor: Actor, token: str, found: QuerySet[Export]) -> Export:
    export = found.filter(token_hash=_hash(token)).first()
    if export is None or export.state != ExportState.READY:
        raise ExportLinkInvalid
    _check_owner(actor, export)
    return export


def _check_owner(actor: Actor, export: Export) -> None:
    if actor.id is None or export.asked_by_id != actor.id or selectors.is_over(export):
        raise ExportLinkInvalid
    try:
        still_allowed(actor, export)
    except DomainError:
        raise ExportLinkInvalid from None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()  # 256 random bits need no key
