"""The full number of a member, for a stated reason.

It is shown once on the answer to the request; the member concerned reads on their own page who saw it, and why.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import MEMBERS_REVEAL
from toli.access.policies import person_of, role_behind, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.members import selectors
from toli.members.errors import PhoneMissing, RevealReasonMissing, TooManyReveals
from toli.members.models import Reveal, RevealReason
from toli.members.services.locking import lock_person

WINDOW = timedelta(hours=24)
NOTE_LENGTH = (5, 200)


@transaction.atomic
def reveal_phone(*, actor: Actor, member_id: int, reason: str, note: str) -> str:
    """The member's full number (E.164). Counted for 24 hours, recorded, and told to the member.

    Raises:
        MemberNotFound: not in the area in which the actor may reveal. PhoneMissing.
        RevealReasonMissing: ``reason`` is none of RevealReason, or ``note`` says too little or too much.
        TooManyReveals: settings.TOLI_REVEALS_PER_DAY are used up. Forbidden: nobody in person asks.
    """
    member = selectors.get_active_member(scope_for(actor, MEMBERS_REVEAL), member_id)
    words = " ".join(note.split())
    if reason not in RevealReason.values or not NOTE_LENGTH[0] <= len(words) <= NOTE_LENGTH[1]:
        raise RevealReasonMissing
    account_id = person_of(actor)
    _count_one_more(account_id)
    number = selectors.plain_phones([member_id]).get(member_id)
    if number is None:
        raise PhoneMissing
    Reveal.objects.create(
        account_id=account_id,
        role=role_behind(actor, MEMBERS_REVEAL, member.territory_id),
        member=member,
        reason=reason,
        note=words,
        at=clock.now(),
        address=actor.address,
    )
    audit.record_act(
        actor,
        action="members.reveal",
        target=f"member:{member_id}",
        territory_id=member.territory_id,
        details={"reason": reason},
    )
    return number


def reveals_left(account_id: int) -> int:
    """How many more numbers this person may see now."""
    seen = Reveal.objects.filter(account_id=account_id, at__gt=clock.now() - WINDOW).count()
    return max(0, int(settings.TOLI_REVEALS_PER_DAY) - seen)


def _count_one_more(account_id: int) -> None:
    """Allow one more; nobody else counts for this person until the transaction ends."""
    lock_person(account_id)
    if not reveals_left(account_id):
        raise TooManyReveals(limit=settings.TOLI_REVEALS_PER_DAY)
