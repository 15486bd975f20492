"""Work by hand: one open task for a thing, shown in the order in which waiting does harm."""

from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts.domain.actor import Actor, ActorKind
from toli.assignments import selectors, services
from toli.assignments.services import WorkOrder
from toli.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    place = make.make_territory("IN/UP")
    account = make.make_coordinator("UP")

    def make_order(kind="relay_kit", subject="relay:1", hours=1):
        return WorkOrder(kind, account.pk, place.pk, subject, clock.now() + timedelta(hours=hours))

    make_order.actor = Actor(ActorKind.STAFF, account.pk)
    return make_order


def test_the_same_thing_is_asked_once(order):
    assert services.assign_many([order(), order(subject="relay:2")]) == 2
    assert services.assign_many([order()]) == 0
    services.complete_for_subject(kind="relay_kit", subject="relay:1", done_by_id=order.actor.id)
    assert services.assign_many([order()]) == 1


def test_missing_groups_come_before_posts_and_early_before_late(order):
    services.assign_many(
        [order(subject="relay:2", hours=2), order(subject="relay:1", hours=1), order("create_group", "chatgroup:1", 9)]
    )
    assert [work.subject for work in selectors.open_work(order.actor)] == ["chatgroup:1", "relay:1", "relay:2"]


def test_what_became_pointless_is_taken_back(order):
    services.assign_many([order(), order(subject="relay:2")])
    assert services.cancel_for_subjects(kind="relay_kit", subjects=["relay:1", "relay:9"]) == 1
    assert [work.subject for work in selectors.open_work(order.actor)] == ["relay:2"]
