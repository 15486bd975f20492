"""A storm on the last seats: many processes at once, killed at random, while their groups are being divided.

Each joiner writes down what it was told before it goes on, as a page tells a member. Killed in between, its successor
asks again for the same member: what was promised must still be there, once.
"""

import itertools
import mmap
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.bench import stage
from toli.chatgroups import selectors, services
from toli.chatgroups.errors import NoSeatFree

Work = Callable[[], None]
BARE = "UPDATE chatgroups_chatgroup SET taken = taken + 1 WHERE id = %s AND taken < capacity"
SEATED, REFUSED = "seated", "refused"
_ACTIVE = "state IN ('reserved', 'invited', 'joined')"


@dataclass(slots=True)
class Aftermath:
    """``lost``: people who were told that they have a seat and have none. ``double``: people with two.

    ``refused``: people who were told that there is no seat yet. ``errors``: joiners that ended by themselves with one.
    """

    seconds: float = 0.0
    answers: int = 0
    refused: int = 0
    kills: int = 0
    errors: int = 0
    over_capacity: int = 0
    lost: int = 0
    double: int = 0
    broken_rules: int = 0


def rage(
    *,
    campaign_id: int,
    members: Sequence[int],
    joiners: int,
    kills: int,
    folder: Path,
    divide: str = "",
    depth: str = "",
) -> Aftermath:
    """Let ``joiners`` processes seat the members, killing one at random ``kills`` times; then count the damage.

    Whoever is through before all kills are done asks again for people who were told that they have a seat.

    ``divide``: code of a territory whose groups are divided to ``depth`` meanwhile, by one that is killed as well.
    """
    shares = [members[number::joiners] for number in range(joiners)]
    answers = [folder / f"answers-{number}" for number in range(joiners)]
    over = mmap.mmap(-1, 1)  # shared with the joiners: whether all kills are done
    jobs = [_joining(campaign_id, share, path, over) for share, path in zip(shares, answers, strict=True) if share]
    beside = [_dividing(campaign_id, divide, depth)] if divide else []
    found = Aftermath()
    found.seconds, found.kills, found.errors = run_all(jobs, beside=beside, kills=kills, over=over)
    told = [line.split() for path in answers if path.exists() for line in path.read_text().splitlines()]
    found.answers = len(told)
    found.refused = sum(answer == REFUSED for _member, answer in told)
    _count_damage(found, [int(member) for member, answer in told if answer == SEATED])
    return found


def hammer(group_ids: Sequence[int], *, updates: int, processes: int) -> float:
    """Seconds in which as many processes do so many bare conditional updates, spread over the groups."""
    wanted = [group_ids[number % len(group_ids)] for number in range(updates)]

    def job(share: Sequence[int]) -> Work:
        def work() -> None:
            with connection.cursor() as cursor:
                for group_id in share:
                    cursor.execute(BARE, [group_id])

        return work

    seconds, _kills, _errors = run_all([job(wanted[number::processes]) for number in range(processes)])
    return seconds


def run_all(
    jobs: Sequence[Work], *, beside: Sequence[Work] = (), kills: int = 0, over: mmap.mmap | None = None
) -> tuple[float, int, int]:
    """Do each job in a process of its own until all are done; those ``beside`` go on until then.

    Nobody begins before all stand ready: dozens of forks take longer than the first ones' work.

    ``over``: its first byte becomes 1 when all kills are done.

    Returns the seconds, how many processes were killed (and begun again), and how many failed by themselves.
    """
    gate, opener = os.pipe()
    running = {_fork(_behind(gate, opener, job)): job for job in (*jobs, *beside)}
    waiting, killed, errors = len(jobs), 0, 0
    chance = random.Random(kills)
    if over is not None and not kills:
        over[0] = 1
    started = time.perf_counter()
    os.close(opener)
    while waiting:
        if killed < kills and running:
            pid = chance.choice(list(running))
            os.kill(pid, signal.SIGKILL)
            killed += 1
        if over is not None and killed >= kills:
            over[0] = 1
        time.sleep(0.005)
        for pid, status in _ended(running):
            job = running.pop(pid)
            if os.WIFSIGNALED(status):
                running[_fork(job)] = job
            elif job not in beside:
                waiting -= 1
                errors += os.WEXITSTATUS(status) != 0
    seconds = time.perf_counter() - started
    os.close(gate)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return seconds, killed, errors


def _behind(gate: int, opener: int, job: Work) -> Work:
    """The job, begun when the parent lets go of ``opener``, the other end of ``gate``."""

    def work() -> None:
        os.close(opener)
        os.read(gate, 1)
        job()

    return work


def _ended(running: dict[int, Work]) -> list[tuple[int, int]]:
    """Our own processes that have ended, each with its status."""
    asked = [os.waitpid(pid, os.WNOHANG) for pid in running]
    return [(pid, status) for pid, status in asked if pid]


def _fork(job: Work) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        job()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _joining(campaign_id: int, members: Sequence[int], path: Path, over: mmap.mmap) -> Work:
    def work() -> None:
        told = path.read_bytes().count(b"\n") if path.exists() else 0
        with path.open("ab", buffering=0) as answers:
            for member_id in members[told:]:
                try:
                    services.take_seat(member_id=member_id, campaign_id=campaign_id)
                except NoSeatFree:
                    answers.write(f"{member_id} {REFUSED}\n".encode())
                else:
                    answers.write(f"{member_id} {SEATED}\n".encode())
        lines = path.read_text().splitlines()
        seated = [int(line.split()[0]) for line in lines if line.endswith(SEATED)]
        for member_id in itertools.cycle(seated):
            if over[0]:
                break
            services.take_seat(member_id=member_id, campaign_id=campaign_id)

    return work


def _dividing(campaign_id: int, territory: str, depth: str) -> Work:
    def work() -> None:
        campaign = next(found for found in selectors.campaigns() if found.pk == campaign_id)
        services.divide(actor=SYSTEM, campaign_code=campaign.code, territory_code=territory, depth=depth)
        while True:
            for group in campaign.groups.filter(state="asked").order_by("?")[:5]:
                services.confirm_group_open(actor=SYSTEM, group_id=group.pk, join_address=stage.address_of(group.pk))
            services.move_members(actor=SYSTEM, campaign_code=campaign.code, territory_code=territory)
            time.sleep(0.05)

    return work


def _count_damage(found: Aftermath, seated: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chatgroups_chatgroup WHERE taken + outsiders > capacity")
        found.over_capacity = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT count(*) FROM unnest(%s::bigint[]) AS told(id)"
            f" WHERE NOT EXISTS (SELECT FROM chatgroups_seat WHERE member_id = told.id AND {_ACTIVE})",
            [seated],
        )
        found.lost = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT count(*) FROM (SELECT FROM chatgroups_seat WHERE {_ACTIVE}"
            " GROUP BY member_id, campaign_id HAVING count(*) > 1) twice"
        )
        found.double = cursor.fetchone()[0]
    found.broken_rules = len(integrity.broken())
