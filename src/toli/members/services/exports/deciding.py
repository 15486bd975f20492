"""A second person approves a list, or has it not made."""

from django.db import transaction

from toli.access.domain.permissions import EXPORTS_APPROVE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.core import clock, jobs
from toli.members import selectors
from toli.members.errors import SamePersonExport
from toli.members.models import Export, ExportState
from toli.members.services.exports.shared import expect, write_down


@transaction.atomic
def approve_export(*, actor: Actor, export_id: int) -> None:
    """Let a list be made. Raises ExportNotFound, SamePersonExport, ExportStateWrong."""
    export = _decide(actor, export_id, ExportState.MAKING)
    write_down(actor, "members.export.approve", export)
    jobs.enqueue("members.make_export", export_id=export.pk)


@transaction.atomic
def refuse_export(*, actor: Actor, export_id: int) -> None:
    """Have a list not made. Raises ExportNotFound, SamePersonExport, ExportStateWrong."""
    export = _decide(actor, export_id, ExportState.REFUSED)
    write_down(actor, "members.export.refuse", export)


def _decide(actor: Actor, export_id: int, state: ExportState) -> Export:
    export = selectors.get_export(scope_for(actor, EXPORTS_APPROVE), export_id, lock=True)
    if actor.id is None or export.asked_by_id == actor.id:
        raise SamePersonExport
    expect(export, ExportState.WAITING)
    export.state, export.decided_by_id, export.decided_at = state, actor.id, clock.now()
    export.save(update_fields=["state", "decided_by", "decided_at"])
    return export
