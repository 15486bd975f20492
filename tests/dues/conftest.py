"""A drive with a fee, members who owe it, and people who collect."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories import make_coordinator, make_drive, make_headquarters, make_member, make_territories
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.dues import services
from toli.dues.domain.offers import Terms

FEE = 10_000


@dataclass(frozen=True)
class Stand:
    """Where fees are taken. ``near`` and ``far`` live in 07 and 070, whose codes begin alike."""

    drive: Any
    collector: Actor
    chief: Actor
    near: Any
    far: Any


def staff(account) -> Actor:
    return Actor(ActorKind.STAFF, account.pk, language="en")


@pytest.fixture
def stand(db) -> Stand:
    return build()


def build() -> Stand:
    make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    drive = make_drive("camp", territory="IN")
    services.set_offer(actor=SYSTEM, drive_code="camp", terms=Terms("primary", 36, FEE))
    near, far = (make_member(code, drive=drive, language="en") for code in ("A1", "B1"))
    for member in (near, far):
        services.owe_for_joining(member_id=member.pk)
    return Stand(drive, staff(make_coordinator("07")), staff(make_headquarters("07")), near, far)


@pytest.fixture
def sent(texts) -> list[Any]:
    """Messages that left."""
    return texts
