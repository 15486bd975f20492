"""An import that is killed and started again, over and over, ends like one that nobody disturbed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from toli.cards.models import Card
from toli.cards.selectors import check_signatures
from toli.cards.services import sign_cards
from toli.members.models import ContactPoint, ImportRun, ImportState, Member

KILLS = int(os.environ.get("TOLI_TEST_KILLS", "3"))
WORKER = """
import sys, time
import django
django.setup()
from django.db import connections
connections.settings["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
from pathlib import Path
from toli.accounts.domain.actor import SYSTEM
from toli.members.services.importing import running, runs
running.CHUNK = 10
real = runs.count
def slow(*arguments):
    real(*arguments)
    print("a piece is written", flush=True)  # and not committed yet
    time.sleep(0.02)
runs.count = slow
running.import_members(actor=SYSTEM, drive_code="drive", path=Path(sys.argv[2]))
"""


def start(path: Path) -> subprocess.Popen:
    source = Path(__file__).resolve().parents[2] / "src"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "toli.config.settings", "PYTHONPATH": str(source)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(path: Path) -> None:
    process = start(path)
    process.communicate(timeout=300)
    assert process.returncode == 0


def everything(everybody):
    """People, who has a card, what was refused and what the run counts; nothing that is drawn by lot."""
    run = ImportRun.objects.order_by("pk").last()
    return (
        everybody(),
        sorted(Card.objects.values_list("member__name", "valid_until")),
        list(run.problems.values_list("row", "code", "params")),
        (run.state, run.chunks, run.rows, run.created, run.updated, run.unchanged, run.rejected),
    )


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_again_and_again_ends_like_an_undisturbed_one(take, many_rows, everybody):
    path = many_rows(60 * KILLS)
    with path.open("a", encoding="utf-8") as file:
        file.write('Twice,+910000050000,A1,hi\n,0123456789,A1,hi\n"torn,0123456789,A1,hi\n')
    luck = random.Random(7)
    for _kill in range(KILLS):
        process = start(path)
        for _piece in range(luck.randint(1, 4)):
            assert process.stdout.readline()
        time.sleep(luck.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert ImportRun.objects.get().state == ImportState.RUNNING
    assert ImportRun.objects.get().chunks
    finish(path)
    assert ImportRun.objects.count() == 1
    assert sign_cards(run_id=ImportRun.objects.get().pk) == 60 * KILLS
    assert check_signatures() == (60 * KILLS, 0)
    disturbed = everything(everybody)
    assert disturbed[-1] == (ImportState.DONE, 6 * KILLS + 1, 60 * KILLS + 3, 60 * KILLS, 0, 0, 3)

    for model in (Card, ContactPoint, Member, ImportRun):
        model.objects.all().delete()
    finish(path)
    assert everything(everybody) == disturbed
