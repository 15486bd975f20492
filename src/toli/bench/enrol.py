"""How fast members are seated, against bare conditional updates of the same groups."""

import threading
import time
from collections.abc import Callable, Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import EVERYWHERE
from toli.analytics import integrity
from toli.bench import stage, storm
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.chatgroups import selectors as groups
from toli.chatgroups import services as group_services
from toli.territories import selectors as territories

Advance = Callable[[int, int], None]
STANDARD = 6000
THREADS = 4
GOAL = 0.2  # of bare updates: a reservation reads the member's place and card and writes a seat row as well


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Seat ``size`` members (standard 6,000) with four threads; then as many bare updates."""
    count = size or STANDARD
    with scratch_database():
        campaign_id, group_ids, member_ids = set_the_stage(count)
        advance(1, 3)
        service = _timed(member_ids, lambda member: group_services.take_seat(member_id=member, campaign_id=campaign_id))
        broken = integrity.broken()
        seated = groups.fill(EVERYWHERE, territories.get_territory(EVERYWHERE, "IN")).taken
        advance(2, 3)
        empty()
        bare = _timed([group_ids[index % len(group_ids)] for index in range(count)], _bare)
        advance(3, 3)
    measured = {"reservations_per_second": round(count / service), "seated": seated, "broken_rules": len(broken)}
    against = {"bare_updates_per_second": round(count / bare)}
    ratio = {"service_to_bare": round(bare / service, 3)}
    met = ratio["service_to_bare"] >= GOAL and seated == count and not broken
    return BenchResult("enrol", measured, against, ratio, {"service_to_bare": GOAL}, met)


def set_the_stage(count: int, *, capacity: int = 256, groups: int = 0) -> tuple[int, list[int], list[int]]:
    """A campaign, its open groups and members with cards. Without ``groups`` there is room for all of them."""
    stage.set_organisation()
    campaign_id = stage.begin_groups(count, capacity=capacity, target=-(-count // groups) if groups else 200)
    opened = stage.open_asked_groups()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign_id, opened, stage.member_ids()


def _timed(items: Sequence[int], act: Callable[[int], object]) -> float:
    """Seconds until four threads have done all items. An error in one of them is raised here."""
    errors: list[BaseException] = []

    def work(share: Sequence[int]) -> None:
        try:
            for item in share:
                act(item)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(items[number::THREADS],)) for number in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return time.perf_counter() - started


def _bare(group_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(storm.BARE, [group_id])


def empty() -> None:
    """Take all seats back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chatgroups_seat")
        cursor.execute("UPDATE chatgroups_chatgroup SET taken = 0")


BENCHMARK = Benchmark("enrol", _("Seating members through the service, against bare conditional updates."), run)
