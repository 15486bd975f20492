"""PDFs of a kit: its certificate, and a document that goes out with it."""

import hashlib

from django.db import transaction

from toli.access.domain.permissions import KITS_EDIT
from toli.accounts.domain.actor import Actor
from toli.content.errors import FileRefused, KitStateWrong
from toli.content.models import FileKind, KitFile, KitState
from toli.content.services.acting import locked, trace
from toli.core import clock

MOST_BYTES = 5 * 1024 * 1024
CERTIFIED = {KitState.DRAFT, KitState.IN_REVIEW, KitState.APPROVED}


@transaction.atomic
def set_file(*, actor: Actor, kit_id: int, kind: str, data: bytes) -> KitFile:
    """Put a PDF to a kit, in place of the one it has. A certificate may come after the draft.

    Raises:
        FileRefused: no PDF, or too large. KitNotFound. KitStateWrong.
    """
    kit = locked(actor, KITS_EDIT, kit_id)
    if kit.state not in (CERTIFIED if kind == FileKind.CERTIFICATE else {KitState.DRAFT}):
        raise KitStateWrong(state=KitState(kit.state).label)
    if not data.startswith(b"%PDF-") or len(data) > MOST_BYTES or b"%%EOF" not in data[-2048:]:
        raise FileRefused
    digest = hashlib.sha256(data).hexdigest()
    fields = {"digest": digest, "data": data, "added_at": clock.now()}
    kept, _created = KitFile.objects.update_or_create(kit=kit, kind=FileKind(kind), defaults=fields)
    trace(actor, "content.set_file", kit, kind=kind, digest=digest)
    return kept
