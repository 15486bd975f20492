"""What was wrong: a receipt is cancelled by another entry, a member says that they never paid."""

from django.core import signing
from django.db import transaction

from toli.access.domain.permissions import DUES_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import ANONYMOUS, Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.dues import selectors
from toli.dues.errors import (
    AnswerMissing,
    CancelReasonMissing,
    DisputeAnswered,
    HandoverWaits,
    ReceiptCancelled,
    ReceiptNotFound,
)
from toli.dues.models import OWED, Cancellation, CashHolding, Dispute, Due, DueState, Receipt

WORDS = (5, 200)
SALT = "toli.dues.receipt"


@transaction.atomic
def cancel_receipt(*, actor: Actor, receipt_id: int, reason: str) -> Cancellation:
    """Declare a receipt a mistake. It stays, with its number; what it was for is owed again.

    Raises:
        ReceiptNotFound: also when out of scope. ReceiptCancelled, CancelReasonMissing, HandoverWaits.
    """
    receipt = selectors.get_receipt(scope_for(actor, DUES_MANAGE), receipt_id)
    words = " ".join(reason.split())
    if not WORDS[0] <= len(words) <= WORDS[1]:
        raise CancelReasonMissing
    due = Due.objects.select_for_update().get(pk=receipt.due_id)  # two who cancel at once come here one by one
    if Cancellation.objects.filter(receipt=receipt).exists():
        raise ReceiptCancelled
    held = CashHolding.objects.select_for_update().filter(receipt=receipt)
    if any(holding.handover_id for holding in held):
        raise HandoverWaits
    cancelled = Cancellation.objects.create(receipt=receipt, reason=words, cancelled_by_id=actor.id, at=clock.now())
    CashHolding.objects.filter(receipt=receipt).delete()  # it was a mistake: nobody holds this money
    owes_other = due.member_id is None or Due.objects.filter(member_id=due.member_id, state__in=OWED).exists()
    due.state, due.settled_at, due.claimed_at = (DueState.DROPPED if owes_other else DueState.OPEN), None, None
    due.save(update_fields=["state", "settled_at", "claimed_at"])
    _record(actor, "dues.cancel", receipt)
    return cancelled


def dispute_path(receipt: Receipt) -> str:
    """The address, below the site's root, at which whoever got the message says: this is not so."""
    return "/d/" + signing.dumps([receipt.pk, receipt.number], salt=SALT)


@wall.lifted("the signed link stands for the member whom it was sent to")
def disputed(*, token: str) -> Receipt:
    """The receipt that a message was about. Raises ReceiptNotFound."""
    try:
        receipt_id, number = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise ReceiptNotFound from None
    found = Receipt.objects.select_related("drive", "taken_by", "dispute", "cancellation", "territory")
    receipt = found.filter(pk=receipt_id, number=number).first()
    if receipt is None:
        raise ReceiptNotFound
    return receipt


@transaction.atomic
@wall.lifted("the signed link stands for the member whom it was sent to")
def dispute(*, token: str) -> None:
    """Somebody says that they did not pay this: it waits at the desk. Once. Raises ReceiptNotFound."""
    receipt = disputed(token=token)
    _found, created = Dispute.objects.get_or_create(receipt=receipt, defaults={"at": clock.now()})
    if created:
        _record(ANONYMOUS, "dues.dispute", receipt)


@transaction.atomic
def answer_dispute(*, actor: Actor, receipt_id: int, answer: str) -> None:
    """Write what was found out; the member reads it with the receipt.

    Raises:
        ReceiptNotFound: also when out of scope, or nobody disputed it. AnswerMissing, DisputeAnswered.
    """
    receipt = selectors.get_receipt(scope_for(actor, DUES_MANAGE), receipt_id)
    words = " ".join(answer.split())
    if not WORDS[0] <= len(words) <= WORDS[1]:
        raise AnswerMissing
    found = Dispute.objects.select_for_update().filter(receipt=receipt).first()
    if found is None:
        raise ReceiptNotFound
    if found.answered_at:
        raise DisputeAnswered
    found.answer, found.answered_by_id, found.answered_at = words, actor.id, clock.now()
    found.save(update_fields=["answer", "answered_by", "answered_at"])
    _record(actor, "dues.answer", receipt)


def _record(actor: Actor, action: str, receipt: Receipt) -> None:
    audit.record_act(actor, action=action, target=f"receipt:{receipt.pk}", territory_id=receipt.territory_id)
