"""Correcting what is kept: name and language by the member at once, the place by an officer who was asked."""

from django.db import transaction

from toli.access.domain.permissions import RIGHTS_HANDLE
from toli.access.policies import scope_for
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.members import selectors
from toli.members.domain.names import kept_keys
from toli.members.domain.rows import LANGUAGES, clean_name
from toli.members.errors import MemberNotFound, NameInvalid
from toli.members.models import HistoryReason, Member
from toli.members.services.transferring import carry
from toli.territories import selectors as territories


@transaction.atomic
def correct_member(*, actor: Actor, member_id: int, name: str, language: str) -> None:
    """Change the acting member's own name and language. Raises MemberNotFound, NameInvalid."""
    own = selectors.member_of(actor)
    if own is None or own.pk != member_id:
        raise MemberNotFound
    try:
        clean = clean_name(name)
    except ValueError:
        raise NameInvalid from None
    own.name, own.name_keys, own.updated_at = clean, kept_keys(clean), clock.now()
    own.language = language if language in LANGUAGES else own.language
    own.save(update_fields=["name", "name_keys", "language", "updated_at"])
    with wall.lifted("the account's name follows the member's"):
        accounts.rename_account(
            actor=SYSTEM, account_id=own.account_id or 0, display_name=own.name, language=own.language
        )
    _record(actor, "members.correct", own)


@transaction.atomic
def move_member(*, actor: Actor, member_id: int, territory_code: str) -> None:
    """Put a member where they say they live. Raises MemberNotFound, TerritoryNotFound: not in the actor's area."""
    scope = scope_for(actor, RIGHTS_HANDLE)
    member = selectors.get_active_member(scope, member_id)
    place = territories.get_territory(scope, territory_code)
    carry(actor, member, place, HistoryReason.CORRECTED)


def _record(actor: Actor, action: str, member: Member, **details: object) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"member:{member.pk}",
        territory_id=member.territory_id,
        details=details,
    )
