"""Events are stored with the fact, delivered at least once, and one that fails does not stop the others."""

from dataclasses import dataclass

import pytest
from django.db import transaction

from toli.core import events
from toli.core.models import EventRecord

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class KettleBoiled:
    cups: int


@pytest.fixture
def heard(monkeypatch):
    """Whatever is told about kettles; nobody else listens."""
    monkeypatch.setattr(events, "_types", {})
    monkeypatch.setattr(events, "_handlers", type(events._handlers)(list))
    told: list[int] = []
    events.subscribe(KettleBoiled, lambda event: told.append(event.cups))
    return told


def test_subscribers_hear_events_oldest_first_and_once(heard):
    for cups in (1, 2, 3):
        events.publish(KettleBoiled(cups))
    assert events.deliver() == 3
    assert events.deliver() == 0
    assert heard == [1, 2, 3]
    assert events.undelivered() == 0


def test_an_event_of_a_transaction_that_failed_never_happened(heard):
    with pytest.raises(RuntimeError), transaction.atomic():
        events.publish(KettleBoiled(1))
        raise RuntimeError
    assert events.deliver() == 0
    assert heard == []


def test_subscribing_twice_is_subscribing_once(heard):
    def listen(event):
        heard.append(-event.cups)

    events.subscribe(KettleBoiled, listen)
    events.subscribe(KettleBoiled, listen)
    events.publish(KettleBoiled(4))
    events.deliver()
    assert heard == [4, -4]


def test_a_failing_event_is_tried_a_few_times_and_the_others_flow(heard):
    def fail_on_two(event):
        if event.cups == 2:
            raise ValueError("no water")

    events.subscribe(KettleBoiled, fail_on_two)
    events.publish(KettleBoiled(2))
    events.publish(KettleBoiled(3))
    events.deliver()
    assert 3 in heard
    record = EventRecord.objects.get(delivered_at=None)
    assert record.attempts == events.MAX_ATTEMPTS
    assert record.failure == "ValueError: no water"
    assert events.undelivered() == 0


def test_what_a_failing_handler_wrote_is_undone(heard):
    def write_and_fail(event):
        EventRecord.objects.create(name="Trace", payload={})
        raise ValueError

    events.subscribe(KettleBoiled, write_and_fail)
    events.publish(KettleBoiled(1))
    events.deliver()
    assert not EventRecord.objects.filter(name="Trace").exists()


def test_an_event_that_nobody_listens_to_stays_on_record(heard):
    EventRecord.objects.create(name="NobodyKnows", payload={"a": 1})
    assert events.deliver() == 1
    assert EventRecord.objects.get(name="NobodyKnows").delivered_at


def test_delivery_stops_at_its_limit_and_goes_on_next_time(heard):
    for cups in range(5):
        events.publish(KettleBoiled(cups))
    assert events.deliver(limit=2) == 2
    assert events.undelivered() == 3
    events.deliver()
    assert heard == [0, 1, 2, 3, 4]
