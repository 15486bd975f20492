"""Finding a member by the card that they hold out."""

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_VIEW
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import selectors
from toli.members.models import Member


@transaction.atomic
def find_holder(*, actor: Actor, number: str) -> Member | None:
    """The active member of the actor's area whose valid card bears this number; None also when it is no number."""
    found = selectors.holder_of(scope_for(actor, MEMBERS_VIEW), number)
    if found is not None:
        audit.record_act(
            actor,
            action="cards.search",
            target=f"member:{found.pk}",
            territory_id=found.territory_id,
        )
    return found
