"""Supplements: what accepted challenges change in a certified roll, numbered, and chained by their hashes."""

import json
from typing import Any

from django.db import transaction

from toli.access.domain.permissions import EXPORTS_APPROVE, MEMBERS_VIEW
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.rolls import selectors
from toli.rolls.domain.supplement import SUPPLEMENT_FORM, SupplementHead, supplement_hash
from toli.rolls.errors import NothingToSupplement, RollDamaged, RollNotFound
from toli.rolls.models import Challenge, Roll, Supplement


@transaction.atomic
def issue_supplement(*, actor: Actor, roll_id: int) -> Supplement:
    """Put what was accepted since the last supplement into the next one.

    Raises:
        RollNotFound: also when out of scope. NothingToSupplement. RollDamaged: a supplement before does not fit its
        hash. Forbidden: nobody in person issues it.
    """
    person = person_of(actor)
    selectors.get_roll(scope_for(actor, EXPORTS_APPROVE), roll_id)
    roll = Roll.objects.select_for_update(of=("self",)).select_related("territory").filter(pk=roll_id).first()
    if roll is None:
        raise RollNotFound
    waiting = list(selectors.accepted_and_waiting(roll).select_for_update(of=("self",)))
    if not waiting:
        raise NothingToSupplement
    before = selectors.supplements(roll)
    if not all(supplement_fits(item) for item in before):
        raise RollDamaged
    previous = before[-1].content_hash if before else roll.content_hash
    head = SupplementHead(roll.territory.code, roll.day, len(before) + 1, roll.content_hash, previous)
    made = Supplement.objects.create(
        roll=roll,
        number=head.number,
        previous_hash=previous,
        content_hash=supplement_hash(head, map(selectors.entry_of, waiting)),
        issued_by_id=person,
        issued_at=clock.now(),
    )
    Challenge.objects.filter(pk__in=[item.pk for item in waiting]).update(supplement=made)
    audit.record_act(
        actor,
        action="rolls.supplement",
        target=f"roll:{roll.pk}",
        territory_id=roll.territory_id,
        details={"number": made.number, "count": len(waiting), "hash": made.content_hash},
    )
    return made


def supplement_fits(supplement: Supplement) -> bool:
    """Whether its entries, as they are stored, and the hashes before it give the hash that was noted."""
    entries = selectors.entries_of(supplement)
    before = Supplement.objects.filter(roll=supplement.roll, number=supplement.number - 1).first()
    chained = supplement.previous_hash == (before or supplement.roll).content_hash
    return chained and supplement_hash(_head_of(supplement), entries) == supplement.content_hash


@transaction.atomic
def supplement_file(*, actor: Actor, roll_id: int, number: int) -> tuple[str, bytes]:
    """Name and content of the file of a supplement, which names nobody.

    Raises:
        RollNotFound: also when out of scope. SupplementNotFound. RollDamaged.
    """
    roll = selectors.get_roll(scope_for(actor, MEMBERS_VIEW), roll_id)
    found = selectors.get_supplement(roll, number)
    if not supplement_fits(found):
        raise RollDamaged
    audit.record_act(
        actor,
        action="rolls.fetch",
        target=f"roll:{roll.pk}",
        territory_id=roll.territory_id,
        details={"form": "json", "number": number},
    )
    lines = [
        {"act": entry.act, "ref": entry.ref, "grade": entry.grade, "place": entry.place, "commitment": entry.commitment}
        for entry in selectors.entries_of(found)
    ]
    name = f"roll-{roll.territory.code}-{roll.day.isoformat()}-supplement-{number}.json"
    return name, json.dumps({**supplement_facts(found), "lines": lines}).encode()


def supplement_facts(supplement: Supplement) -> dict[str, Any]:
    """What stands above the entries of a file."""
    head = _head_of(supplement)
    return {
        "form": SUPPLEMENT_FORM,
        "territory": head.territory,
        "day": head.day.isoformat(),
        "number": head.number,
        "roll": head.roll,
        "previous": head.previous,
        "hash": supplement.content_hash,
    }


def _head_of(supplement: Supplement) -> SupplementHead:
    roll = supplement.roll
    return SupplementHead(roll.territory.code, roll.day, supplement.number, roll.content_hash, supplement.previous_hash)
