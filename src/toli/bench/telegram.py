"""Requests to join groups that a bot keeps: the right people in, the others out, the roster as Telegram has it.

Everything is real but Telegram: its emulator runs beside a web server and a worker that is killed now and then. Updates
come twice, under two numbers, late and in another order; now and then everything is answered by "too many requests".
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.bench import stage
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.botgroups import services as botgroups
from toli.botgroups.services import sealing
from toli.chatgroups import services as groups
from toli.core import clock, jobs

Advance = Callable[[int, int], None]
STANDARD = 10_000
TOKEN = "7000000001:emulated"  # noqa: S105 of the emulator
CAPACITY, TARGET = 1000, 900
KILLS = 5
# Telegram allows 30 messages in a second: turning 3,000 people away would take two minutes of waiting. Its emulator
# allows ten times as many here and the bot is set to it; both are printed.
RATE, ALLOWED = 250, 300
CHUNK = 250
PATIENCE = 1800.0
DISTURBED = (
    "--twice",
    "0.2",
    "--again",
    "0.1",
    "--window",
    "50",
    "--late",
    "0.05",
    "--storm-every",
    "700",
    "--overall",
    str(ALLOWED),
)
# Of a hundred who ask: members; strangers; members whose card was revoked; members who ask for another group.
MEMBERS, STRANGERS, REVOKED = 70, 85, 95


@dataclass
class Crowd:
    """Who asks. ``seats``: person -> the group where their seat is; ``wrong``: people who must stay out.
    ``wavering``: they take their request back, in time or not; ``leaving``: they leave later."""

    presses: list[tuple[int, str]] = field(default_factory=list)
    seats: dict[int, int] = field(default_factory=dict)
    wrong: set[int] = field(default_factory=set)
    wavering: set[int] = field(default_factory=set)
    leaving: set[int] = field(default_factory=set)


class Telegram:
    """The emulator in a process of its own, and what people do there."""

    def __init__(self, url: str) -> None:
        self.url = url

    def act(self, act: str, **arguments: Any) -> Any:
        """A person presses a button."""
        request = urllib.request.Request(  # noqa: S310 our own emulator
            f"{self.url}/control/{act}", json.dumps(arguments).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)["result"]

    def look(self, what: str) -> Any:
        """``state`` or ``truth``."""
        with urllib.request.urlopen(f"{self.url}/control/{what}", timeout=60) as answer:  # noqa: S310
            return json.load(answer)


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Have ``size`` people ask (standard 10,000). ``met``: everybody is where they belong and both rosters agree."""
    count = size or STANDARD
    with scratch_database(), emulated(*DISTURBED) as telegram, _processes(telegram) as workers:
        chats = _set_the_stage(telegram, count)
        crowd = _gather(telegram, count, chats)
        advance(1, 3)
        started = time.perf_counter()
        _press(telegram, crowd, workers, chats)
        advance(2, 3)
        _until_quiet(telegram)
        seconds = time.perf_counter() - started
        botgroups.align()
        found = _compare(telegram, crowd, chats) | {"broken_rules": len(integrity.broken())}
        advance(3, 3)
        state = telegram.look("state")
    measured = {
        "requests": count,
        "seconds": round(seconds, 1),
        "requests_per_second": round(count / seconds, 1),
        "updates": state["happened"],
        "updates_posted": state["posted"],
        "told_to_wait": state["refused"],
        "messages": state["calls"].get("sendmessage", 0),
        "workers_killed": workers.killed,
        **found,
    }
    faults = sum(
        found[name] for name in ("wrongly_in", "wrongly_out", "roster_differs", "seats_differ", "broken_rules")
    )
    right = 1 - faults / count
    against = {"truth_in": found["in"], "messages_allowed_per_second": ALLOWED, "messages_of_the_bot_per_second": RATE}
    return BenchResult("telegram", measured, against, {"right": right}, {"right": 1.0}, faults == 0)


# -- processes -----------------------------------------------------------------------------------------


class Workers:
    """A worker that is killed without warning, and the next one."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = dict(environment), log
        self.killed = 0
        self.child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            command = (sys.executable, "-m", "toli", "worker")
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """Kill it and start another. What it was doing is begun again, as by the next update that comes."""
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.killed += 1
        self.child = self._start()
        nudge()


def nudge() -> None:
    """Have everything worked off that waits."""
    jobs.enqueue_once("botgroups.read_updates")
    jobs.enqueue_once("botgroups.carry_out")


@contextmanager
def emulated(*options: str) -> Iterator[Telegram]:
    """Telegram's emulator in a process of its own; the bot of this process is the emulator's."""
    port = _free_port()
    command = (sys.executable, "-m", "toli", "emulator", "telegram-bot", "--port", str(port), *options)
    child = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
    before = settings.TOLI_TELEGRAM_BOT_SECRET, settings.TOLI_TELEGRAM_BOT_URL
    settings.TOLI_TELEGRAM_BOT_SECRET, settings.TOLI_TELEGRAM_BOT_URL = TOKEN, f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/control/truth")
        yield Telegram(f"http://127.0.0.1:{port}")
    finally:
        settings.TOLI_TELEGRAM_BOT_SECRET, settings.TOLI_TELEGRAM_BOT_URL = before
        child.terminate()
        child.wait(30)


@contextmanager
def _processes(telegram: Telegram) -> Iterator[Workers]:
    """A web server that takes updates, and a worker."""
    port = _free_port()
    environment = {
        **os.environ,
        "TOLI_VAR_DIR": str(settings.VAR_DIR),
        "TOLI_DATABASE_URL": _database_url(),
        "TOLI_BASE_URL": f"http://127.0.0.1:{port}",
        "TOLI_TELEGRAM_BOT_SECRET": TOKEN,
        "TOLI_TELEGRAM_BOT_URL": telegram.url,
        "TOLI_TELEGRAM_BOT_RATE": str(RATE),
    }
    log = settings.VAR_DIR / "bench-telegram.log"
    command = (sys.executable, "-m", "toli", "serve", "--port", str(port), "--workers", "1")
    with log.open("wb") as file:
        web = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    workers = Workers(environment, log)
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/healthz")
        stage.set_organisation()
        botgroups.connect_bot(actor=SYSTEM, provider_key="telegram_bot", base_url=f"http://127.0.0.1:{port}")
        yield workers
    finally:
        for child in (workers.child, web):
            child.terminate()
        for child in (workers.child, web):
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _database_url() -> str:
    found = connection.settings_dict
    user = quote(str(found["USER"]), safe="") + (
        ":" + quote(str(found["PASSWORD"]), safe="") if found["PASSWORD"] else ""
    )
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgresql://{user}@localhost{port}/{found['NAME']}?host={quote(str(found['HOST']), safe='')}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_it_answers(url: str) -> None:
    ends_at = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 our own
                return
        except OSError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.2)


# -- people ----------------------------------------------------------------------------------------------


def _set_the_stage(telegram: Telegram, count: int) -> dict[int, int]:
    """Members with cards, and groups that the bot has set up. Returns our number of each group by Telegram's."""
    stage.begin_groups(
        count, capacity=CAPACITY, target=min(TARGET, max(2, count // 3)), platform="telegram", provider="telegram_bot"
    )
    owner, chats = telegram.act("new_person"), {}
    for group_id in _column("SELECT id FROM chatgroups_chatgroup ORDER BY id"):
        address = botgroups.renew_group_code(actor=SYSTEM, group_id=group_id)
        chat = telegram.act("new_group", owner=owner, title="New")
        code = address.partition("startgroup=")[2].partition("&")[0]
        telegram.act("add_bot", chat_id=chat, by=owner, code=code)
        chats[chat] = group_id
    _wait(lambda: _value("SELECT count(*) FROM chatgroups_chatgroup WHERE state <> 'open'") == 0, "groups to open")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return chats


def _gather(telegram: Telegram, count: int, chats: Mapping[int, int]) -> Crowd:
    """Everybody who will ask, and where. Accounts are written as the bot does when somebody starts it."""
    luck, crowd = random.Random(29), Crowd()
    members = stage.member_ids()
    people = telegram.act("new_people", count=count)
    campaign = _value("SELECT id FROM chatgroups_campaign")
    links = dict(_rows("SELECT id, join_address FROM chatgroups_chatgroup"))
    chat_of = {group: chat for chat, group in chats.items()}
    connected, revoked = [], []
    for index, (member, person) in enumerate(zip(members, people, strict=True)):
        kind = index % 100
        if MEMBERS <= kind < STRANGERS:
            crowd.presses.append((person, luck.choice(list(links.values()))))
            crowd.wrong.add(person)
            continue
        connected.append((member, person))
        if STRANGERS <= kind < REVOKED:
            revoked.append(member)
            crowd.presses.append((person, luck.choice(list(links.values()))))
            crowd.wrong.add(person)
            continue
        own = groups.go_to_group(member_id=member, campaign_id=campaign)
        if kind >= REVOKED:
            crowd.presses.append((person, luck.choice([link for link in links.values() if link != own] or [own])))
            crowd.wrong |= {person} if len(links) > 1 else set()
            continue
        crowd.presses.append((person, own))
        crowd.seats[person] = next(chat_of[group] for group, link in links.items() if link == own)
        crowd.wavering |= {person} if kind % 20 == 7 else set()
        crowd.leaving |= {person} if kind % 20 == 13 else set()
    _connect(connected)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cards_card SET revoked_at = now() WHERE member_id = ANY(%s)", [revoked])
    luck.shuffle(crowd.presses)
    return crowd


def _connect(pairs: list[tuple[int, int]]) -> None:
    """Many accounts at once: the bot would say a word to each, 25 in a second."""
    now = clock.now()
    rows = [
        (member, sealing.person_hash(person), sealing.accounts().encrypt(str(person), row=member), now)
        for member, person in pairs
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO botgroups_platformaccount (member_id, person_hash, person_sealed, connected_at)"
            " VALUES (%s, %s, %s, %s)",
            rows,
        )


def _press(telegram: Telegram, crowd: Crowd, workers: Workers, chats: Mapping[int, int]) -> None:
    """They ask, in chunks; some take it back, some leave once they are in; the worker dies now and then."""
    chunks = [crowd.presses[start : start + CHUNK] for start in range(0, len(crowd.presses), CHUNK)]
    deadly = {len(chunks) * (number + 1) // (KILLS + 1) for number in range(KILLS)}
    for number, chunk in enumerate(chunks):
        telegram.act("press_many", presses=chunk)
        for person, _address in chunk:
            if person in crowd.wavering:
                telegram.act("take_back", person_id=person, chat_id=crowd.seats[person])
        if number in deadly:
            _leave(telegram, crowd)
            workers.kill()
    _until_quiet(telegram)
    _leave(telegram, crowd)
    workers.kill()


def _leave(telegram: Telegram, crowd: Crowd) -> None:
    """Those who leave and are in, go."""
    for chat, people in telegram.look("truth").items():
        for person in crowd.leaving & set(people):
            telegram.act("leave", chat_id=int(chat), person_id=person)


def _until_quiet(telegram: Telegram) -> None:
    """Nothing is on its way, waits here, or has to be done there."""

    def quiet() -> bool:
        if telegram.look("state")["waiting"]:
            return False
        waiting = _value("SELECT count(*) FROM botgroups_update WHERE done_at IS NULL")
        ordered = _value("SELECT count(*) FROM botgroups_order WHERE state = 'waiting'")
        return not waiting and not ordered and not telegram.look("state")["waiting"]

    _wait(quiet, "everything to be worked off")


def _wait(done: Callable[[], bool], what: str) -> None:
    ends_at = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.2)


# -- comparing -------------------------------------------------------------------------------------------


def _compare(telegram: Telegram, crowd: Crowd, chats: Mapping[int, int]) -> dict[str, int]:
    """Telegram's truth against who should be in, against our roster and against our seats."""
    truth = {int(chat): set(people) for chat, people in telegram.look("truth").items()}
    inside = {person: chat for chat, people in truth.items() for person in people}
    must = {person for person in crowd.seats if person not in crowd.wavering | crowd.leaving}
    hashes = {sealing.person_hash(person): person for person, _address in crowd.presses}
    ours = {
        (int(number), hashes.get(bytes(known)))
        for number, known in _rows(
            "SELECT c.number, p.person_hash FROM botgroups_presence p JOIN botgroups_chat c ON c.id = p.chat_id"
            " WHERE p.inside"
        )
    }
    seats = {
        (group, hashes.get(bytes(known)))
        for group, known in _rows(
            "SELECT s.group_id, a.person_hash FROM chatgroups_seat s JOIN botgroups_platformaccount a"
            " ON a.member_id = s.member_id WHERE s.state = 'joined'"
        )
    }
    theirs = {(chat, person) for person, chat in inside.items()}
    tally = Counter(taken for _chat, _person, taken in telegram.look("state")["answers"])
    return {
        "in": len(inside),
        "let_in": tally[True],
        "turned_away": tally[False],
        "wrongly_in": sum(1 for person, chat in inside.items() if crowd.seats.get(person) != chat),
        "wrongly_out": len(must - inside.keys()),
        "still_asking": telegram.look("state")["asked"],
        "roster_differs": len(ours ^ theirs),
        "seats_differ": len(seats ^ {(chats[chat], person) for chat, person in theirs}),
    }


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _column(statement: str) -> list[Any]:
    return [row[0] for row in _rows(statement)]


def _value(statement: str) -> Any:
    return _rows(statement)[0][0]


BENCHMARK = Benchmark("telegram", _("Requests to join Telegram groups, against the truth of an emulator."), run)
