"""Approving kits: as they are, with changes, or sending them back with a note."""

from django.db import transaction

from toli.access.domain.permissions import KITS_APPROVE
from toli.accounts.domain.actor import Actor
from toli.compliance import services as compliance
from toli.compliance.selectors import get_organisation
from toli.content.domain.lifecycle import may_approve
from toli.content.errors import KitStateWrong, ReasonMissing, SamePerson
from toli.content.models import Kit, KitReview, KitState, Verdict
from toli.content.services.acting import locked, move
from toli.content.services.kits import KitEdits, apply_edits, require_passport
from toli.core import clock

UNCHANGED = KitEdits()


@transaction.atomic
def approve_kit(*, actor: Actor, kit_id: int, edits: KitEdits = UNCHANGED, note: str = "") -> Kit:
    """Let the kit go out, as it is or with the approver's changes, which are recorded beside their name.

    Raises:
        SamePerson: whoever wrote it asks someone else, where the organisation wants two people.
        KitNotFound. KitStateWrong. KitIncomplete: something that the passport needs is missing by now.
    """
    kit = _in_review(actor, kit_id)
    writers = frozenset({kit.created_by_id} if kit.created_by_id else ())
    if not may_approve(approver=actor.id, writers=writers, two_people=get_organisation().two_people):
        raise SamePerson
    changed = apply_edits(kit, edits)
    require_passport(kit)
    _record(actor, kit, Verdict.EDITED if changed else Verdict.APPROVED, note, changed)
    kit.approved_by_id, kit.approved_at = actor.id, clock.now()
    clear(kit)
    return move(actor, kit, KitState.APPROVED, "content.approve", changed=changed)


@transaction.atomic
def reject_kit(*, actor: Actor, kit_id: int, note: str) -> Kit:
    """Send it back to whoever wrote it: it is a draft again. Raises ReasonMissing, KitNotFound, KitStateWrong."""
    if not note.strip():
        raise ReasonMissing
    kit = _in_review(actor, kit_id)
    _record(actor, kit, Verdict.REJECTED, note, [])
    return move(actor, kit, KitState.DRAFT, "content.reject")


def clear(kit: Kit) -> None:
    """Tell the law engine what the passport says."""
    compliance.clear_kit(
        kit_id=kit.pk,
        certificate_number=kit.certificate_number,
        valid_from=kit.valid_from,
        valid_until=kit.valid_until,
    )


def _in_review(actor: Actor, kit_id: int) -> Kit:
    kit = locked(actor, KITS_APPROVE, kit_id)
    if kit.state != KitState.IN_REVIEW:
        raise KitStateWrong(state=KitState(kit.state).label)
    return kit


def _record(actor: Actor, kit: Kit, verdict: Verdict, note: str, changed: list[str]) -> None:
    KitReview.objects.create(
        kit=kit,
        verdict=verdict,
        note=note.strip()[:500],
        changed=changed,
        reviewed_by_id=actor.id,
        reviewed_at=clock.now(),
    )
