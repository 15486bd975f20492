"""A migration whose worker is killed with -9, again and again, moving forth and back: nobody is without a seat."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.chatgroups import services
from toli.chatgroups.models import ACTIVE_SEATS, Seat

KILLS = int(os.environ.get("TOLI_TEST_KILLS", "2"))
PEOPLE = 24 * KILLS
WORKER = """
import sys, time
import django
django.setup()
from django.db import connections
connections.settings["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups import services
from toli.chatgroups.services import moving
from toli.chatgroups.services.waves import undoing
moving.BATCH = undoing.BATCH = 4
real = moving.move_seats
def slow(*arguments, **more):
    real(*arguments, **more)
    print("seats are moved", flush=True)  # and not committed yet
    time.sleep(0.02)
moving.move_seats = undoing.move_seats = slow
if sys.argv[2] == "forth":
    services.move_members(actor=SYSTEM, campaign_code="connect", territory_code="UP")
else:
    services.roll_back_migration(actor=SYSTEM, migration_id=int(sys.argv[3]))
"""


def start(*words) -> subprocess.Popen:
    source = Path(__file__).resolve().parents[2] / "src"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "toli.config.settings", "PYTHONPATH": str(source)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], *map(str, words)],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def killed_on_the_way(luck, *words) -> None:
    process = start(*words)
    for _batch in range(luck.randint(1, 3)):
        assert process.stdout.readline()
    time.sleep(luck.uniform(0, 0.03))
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_forth_and_back_nobody_is_without_a_seat(up, coordinator):
    campaign = make.make_campaign(code="connect", capacity=PEOPLE, target_size=PEOPLE // 2)
    group = make.make_group(campaign, "UP")
    people = [make.make_member(f"A{number % 4 + 1}", carded=True) for number in range(PEOPLE)]
    for person in people:
        make.make_seat(person, group, "joined")

    def everybody_is_seated():
        active = Seat.objects.filter(state__in=ACTIVE_SEATS).values_list("member_id", flat=True)
        assert sorted(active) == sorted(person.pk for person in people)
        assert not integrity.broken()

    planned = services.plan_migration(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="zone")
    services.approve_migration(actor=SYSTEM, migration_id=planned.pk, plan_hash=planned.plan_hash)
    for new in campaign.groups.filter(state="asked"):
        link = f"https://chat.whatsapp.com/{new.pk:022d}"
        services.confirm_group_open(actor=SYSTEM, group_id=new.pk, join_address=link)
    luck = random.Random(11)
    for _kill in range(KILLS):
        killed_on_the_way(luck, "forth")
        everybody_is_seated()
    moved = Seat.objects.filter(state="moved").count()
    assert 0 < moved < PEOPLE and moved % 4 == 0
    for _kill in range(KILLS - 1):
        killed_on_the_way(luck, "back", planned.pk)
        everybody_is_seated()
    report = services.roll_back_migration(actor=SYSTEM, migration_id=planned.pk)
    everybody_is_seated()
    group.refresh_from_db()
    assert (report.returned, report.stayed, group.taken, group.state) == (moved, 0, PEOPLE, "open")
