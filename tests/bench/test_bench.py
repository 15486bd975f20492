"""Benchmarks answer in one shape and leave nothing behind. Their speed is not judged here."""

import json

import pytest
from django.db import connection

from tests.migrated import KEPT
from toli.bench import scratch
from toli.bench.registry import BENCHMARKS

SHAPE = {"name", "measured", "against", "ratio", "goal", "met", "machine"}
SIZES = {
    "audit": 40,
    "card": 20,
    "crypto": 60,
    "dispatch": 40,
    "enrol": 60,
    "import": 60,
    "opens": 1,
    "plan": 20_000,
    "poster": 30,
    "recall": 30,
    "seats": 120,
    "telegram": 100,
    "territory": 2,
    "waves": 50_000,
    "webhooks": 40,
}


@pytest.fixture(scope="module", autouse=True)
def _migrated_once(django_db_setup, django_db_blocker):
    """All benchmarks of this module get copies of one migrated database: migrating takes longer than most of them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(scratch, "TEMPLATE", KEPT)
        yield


@pytest.fixture(autouse=True)
def _small_geography(monkeypatch, tmp_path):
    """The real files take a while; the shape is the same without them."""
    monkeypatch.setenv("TOLI_TEST_SHARED_DATA", str(tmp_path))
    monkeypatch.setattr("toli.bench.stage.BOOTHS", 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_every_benchmark_answers_in_the_same_shape(name):
    before = connection.settings_dict["NAME"]
    result = BENCHMARKS[name].run(size=SIZES[name], advance=lambda done, total: None).as_json()
    assert set(result) == SHAPE
    assert set(result["goal"]) <= set(result["ratio"])
    assert name != "telegram" or result["met"], result  # what it measures is who was let in, not how fast
    assert json.loads(json.dumps(result)) == result
    assert not [what for what, count in result["measured"].items() if "lost" in what and count]
    assert connection.settings_dict["NAME"] == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'toli_bench%'")
        assert cursor.fetchone()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_seating_under_load_breaks_no_rule():
    result = BENCHMARKS["enrol"].run(size=200, advance=lambda done, total: None)
    assert result.measured["broken_rules"] == 0
    assert result.measured["seated"] == 200


@pytest.mark.django_db(transaction=True)
def test_the_trail_is_whole_after_four_writers_and_a_sealer(settings, tmp_path):
    """And what was sealed for the benchmark leaves no line in the heads file of the real chain."""
    settings.AUDIT_DIR = tmp_path / "real"
    found = BENCHMARKS["audit"].run(size=200, advance=lambda done, total: None).measured
    assert (found["faults"], found["not_sealed"], found["entries"]) == (0, 0, 600)
    assert not settings.AUDIT_DIR.exists()
