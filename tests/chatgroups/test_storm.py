"""Many processes on the last seats, killed with -9, while the groups are being divided. TOLI_TEST_STORM: how many."""

import os

import pytest
from django.db import connection

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.bench import storm
from toli.chatgroups.models import ChatGroup, Seat
from toli.chatgroups.services import open_state_groups

PEOPLE = int(os.environ.get("TOLI_TEST_STORM", "48"))
JOINERS = max(8, PEOPLE // 20)


@pytest.fixture
def people(campaign, coordinator):
    """Card holders in four constituencies."""
    return [make.make_member(f"A{index % 4 + 1}", carded=True).pk for index in range(PEOPLE)]


def _rage(campaign, people, folder, **how):
    return storm.rage(
        campaign_id=campaign.pk, members=people, joiners=JOINERS, kills=max(6, PEOPLE // 20), folder=folder, **how
    )


@pytest.mark.django_db(transaction=True)
def test_the_last_seats_are_given_once_whatever_is_killed(campaign, people, tmp_path):
    for _ in range(PEOPLE // 5 - 1):
        make.make_group(campaign, "UP")
    found = _rage(campaign, people, tmp_path)
    assert (found.over_capacity, found.lost, found.double, found.errors, found.broken_rules) == (0,) * 5
    assert found.answers == PEOPLE
    seats = ChatGroup.objects.count() * 5
    assert (Seat.objects.count(), found.refused) == (seats, PEOPLE - seats)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_lost_while_the_groups_divide(campaign, people, open_groups, tmp_path):
    open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    open_groups()
    found = _rage(campaign, people, tmp_path, divide="UP", depth="ac")
    assert (found.over_capacity, found.lost, found.double, found.errors, found.broken_rules) == (0,) * 5
    assert (found.answers, found.refused) == (PEOPLE, 0)
    assert found.kills >= 6


@pytest.mark.django_db(transaction=True)
def test_the_storm_finds_a_seat_that_was_promised_and_not_given(campaign, people, tmp_path, monkeypatch):
    monkeypatch.setattr(storm.services, "take_seat", lambda **_who: connection.ensure_connection())
    assert _rage(campaign, people, tmp_path).lost == PEOPLE
