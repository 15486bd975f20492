"""Kill -9 of dispatchers, provider, report server and database at random points, and what became of every message.

A program, because each of them has to die for real: ``python -m tests.messaging.killing --kills 2000 --messages
200000``, with TOLI_VAR_DIR naming an empty folder. ``--planted``: with the mistake of marking a message only after it
was sent.
The provider writes what it takes to a ledger before it answers, so that the truth outlives its own death.
"""

import argparse
import json
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toli.config.settings")
SECRET = "QcanaryAppSecret123"
OPEN = ("queued", "sending")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--planted", action="store_true")
    asked = parser.parse_args()
    django.setup()
    found = Killing(asked.kills, asked.messages, asked.seed, planted=asked.planted).run()
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["met"] else 1


class Killing:
    def __init__(self, kills: int, messages: int, seed: int, *, planted: bool) -> None:
        from django.conf import settings

        self.kills, self.count, self.planted = kills, messages, planted
        self.luck = random.Random(seed)
        self.folder = Path(settings.VAR_DIR) / f"killing-{os.getpid()}"
        self.folder.mkdir(parents=True)
        settings.MESSAGING_DIR = self.folder
        self.ledger = self.folder / "ledger"
        self.ledger.touch()
        self.ports = [free_port(), free_port()]
        self.children: dict[str, int] = {}
        self.killed: Counter[str] = Counter()
        self.hurried = False  # nobody is killed any more, so there need be no time to be killed in
        self.told = 0.0

    def run(self) -> dict:
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", interactive=False, verbosity=0)
        self.stage()
        connections.close_all()
        began = time.monotonic()
        try:
            self.disturb()
            self.finish()
            first = self.judge()
            self.settle()
        finally:
            for name in list(self.children):
                self.kill(name, counted=False)
        last = self.judge()
        met = not (
            first["duplicated"] or first["lost"] or first["open"] or first["unknown_but_taken"]
            or last["duplicated"] or last["lost"] or last["open"] or last["unknown"]
        )  # fmt: skip
        return {
            "messages": self.count, "kills": sum(self.killed.values()), "killed": dict(self.killed),
            "seconds": round(time.monotonic() - began, 1), "before_settling": first, "after_settling": last, "met": met,
        }  # fmt: skip

    # -- the stage -----------------------------------------------------------------------------

    def stage(self) -> None:
        """Members who may be written to, and as many batches to all of them as make up the messages."""
        from django.db import connection

        from tests.factories import make_member, make_organisation, make_territories
        from toli.access.domain.scope import EVERYWHERE
        from toli.accounts.domain.actor import SYSTEM
        from toli.compliance.services import set_rules
        from toli.core import clock
        from toli.members.models import Member
        from toli.messaging.models import Message
        from toli.messaging.ports import Content
        from toli.messaging.services import control, outbox, senders
        from toli.territories.models import Territory

        for table in ("messaging_message", "messaging_batch", "messaging_receivedcallback", "messaging_sender"):
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {table} CASCADE")
        make_territories("IN/UP/Z/07")
        make_organisation(kind="union")
        midnight = clock.now().time().replace(hour=0, minute=0, second=0, microsecond=0)
        set_rules(actor=SYSTEM, quiet_from=midnight, quiet_until=midnight)
        wanted = min(self.count, 1000)
        for _ in range(wanted - Member.objects.count()):
            make_member("07")
        members = list(Member.objects.values_list("pk", flat=True)[:wanted])
        settings = {
            "phone_number_id": "106540352242922", "token": "t", "app_secret": SECRET, "verify_token": "v",
            "base_url": f"http://127.0.0.1:{self.ports[0]}",
        }  # fmt: skip
        senders.create_sender(actor=SYSTEM, code="main", name="Main", provider="whatsapp_cloud", settings=settings)
        while (left := self.count - Message.objects.count()) > 0:
            batch = outbox.create_batch(
                actor=SYSTEM, sender="main", territory=Territory.objects.get(code="IN"), purpose="membership",
                content=Content(template="meeting"), expires_at=clock.now() + timedelta(days=1),
            )  # fmt: skip
            outbox.enqueue(scope=EVERYWHERE, batch=batch, members=members[:left])
        control.resume(actor=SYSTEM)

    # -- who lives and dies --------------------------------------------------------------------

    def disturb(self) -> None:
        """One death after the other, at points that nobody chose."""
        while sum(self.killed.values()) < self.kills:
            self.keep_alive()
            self.wait()
            victims, weights = ["first", "second", "provider", "reports", "database"], [44, 44, 6, 4, 2]
            early = {4: "database", 6: "provider"}.get(sum(self.killed.values()))
            self.kill(early or self.luck.choices(victims, weights)[0])
            if sum(self.killed.values()) % 20 == 0:
                self.read()
                left = self.count_open()
                self.tell(f"{sum(self.killed.values())} of {self.kills} kills, {left} of {self.count} messages to go")
                if left == 0:
                    break

    def tell(self, how_far: str) -> None:
        """How far it is, every ten seconds at most."""
        if time.monotonic() - self.told > 10:
            self.told = time.monotonic()
            sys.stderr.write(f"{how_far}\n")

    def wait(self) -> None:
        """Anywhere in a life; more often than not while a batch is under way."""
        if self.luck.random() < 0.3:
            time.sleep(self.luck.uniform(0.0, 0.35))
            return
        taken, until = self.ledger.stat().st_size, time.monotonic() + 3
        while self.ledger.stat().st_size == taken and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(self.luck.uniform(0.0, 0.04))

    def finish(self) -> None:
        """Nobody dies any more: until all is sent, reported and read."""
        self.hurried = True
        for name in ("first", "second"):
            self.kill(name, counted=False)
        until = time.monotonic() + 120 + self.count / 50
        while time.monotonic() < until and (left := self.count_open()):
            self.tell(f"no more kills, {left} of {self.count} messages to go")
            self.keep_alive()
            time.sleep(0.3)  # no report is read yet: it would settle what a mistake leaves to be sent again
        for name in ("first", "second"):
            self.kill(name, counted=False)
        time.sleep(1.5)  # what was late arrives
        self.kill("provider", counted=False)  # what is so late that it has not arrived by now never does
        self.report_all()
        self.read()

    def settle(self) -> None:
        """A person has what is still unknown sent again: nobody took it, as every report has been heard."""
        from django.db import connections

        from toli.accounts.domain.actor import SYSTEM
        from toli.messaging.services import sweeping

        self.kill("provider", counted=False)
        self.start("provider", lambda: self.be_provider({}))
        wait_for(self.ports[0])
        self.tell("what nobody took is sent again")
        sweeping.settle_by_hand(actor=SYSTEM, message_ids=None, outcome="resend")
        connections.close_all()
        until = time.monotonic() + 60 + self.count / 100
        while time.monotonic() < until and self.count_open():
            self.keep_alive()
            time.sleep(0.3)
        for name in ("first", "second"):
            self.kill(name, counted=False)

    def keep_alive(self) -> None:
        for name in ("first", "second"):
            self.start(name, self.be_dispatcher)
        self.start("provider", lambda: self.be_provider(MISCHIEF))
        self.start("reports", self.be_reports)

    def start(self, name: str, work) -> None:
        if name in self.children:
            return
        child = os.fork()
        if child:
            self.children[name] = child
            return
        try:
            work()
        except BaseException as error:
            sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")
        finally:
            os._exit(0)

    def kill(self, name: str, *, counted: bool = True) -> None:
        if name == "database":
            self.kill_database()
        elif name in self.children:
            os.kill(self.children[name], signal.SIGKILL)
            os.waitpid(self.children.pop(name), 0)
        else:
            return
        self.killed[name] += counted

    def kill_database(self) -> None:
        """The server, as a crash of the machine's own making: no goodbye, and recovery before the next answer."""
        from django.conf import settings

        server = settings.EMBEDDED_POSTGRES
        os.kill(server.postmaster_pid(), signal.SIGKILL)
        time.sleep(0.2)
        server.ensure_running()

    def be_dispatcher(self) -> None:
        import logging

        from toli.messaging.dispatcher import Dispatcher, Options

        logging.disable(logging.CRITICAL)
        if self.planted:
            mark_after_sending()
        size = (
            {"batch": 200, "lanes": 2, "connections": 48}
            if self.hurried
            else {"batch": 40, "lanes": 1, "connections": 8}
        )
        Dispatcher(Options(lease=timedelta(seconds=4), call_seconds=0.4, idle=0.05, **size)).run()

    def be_provider(self, mischief) -> None:
        from toli.emulators.running import serve
        from toli.emulators.whatsapp_cloud import Mischief, Webhooks, WhatsAppCloud

        address = f"http://127.0.0.1:{self.ports[1]}/in/main"
        serve(
            WhatsAppCloud(
                mischief={Mischief(kind): share for kind, share in mischief.items()}, late=0.6,
                slow=FAR_AWAY, seed=self.luck.randrange(10**6), ledger=self.ledger, keep=False,
                webhooks=Webhooks(address, SECRET, twice=0.2, shuffled=True, batch=20),
            ),
            self.ports[0],
        )  # fmt: skip

    def be_reports(self) -> None:
        import uvicorn

        from toli.web.fast.callbacks import ProviderCallbacks

        path = ProviderCallbacks()

        async def app(scope, receive, send):
            await path(scope, receive, send, None)

        uvicorn.run(app, host="127.0.0.1", port=self.ports[1], lifespan="off", log_level="critical", access_log=False)

    # -- what is known, and what is true -------------------------------------------------------

    def read(self) -> None:
        from django.db import OperationalError, connections

        from toli.messaging.services import callbacks

        try:
            callbacks.read_callbacks()
        except OperationalError:
            pass
        finally:
            connections.close_all()

    def report_all(self) -> None:
        """The provider tells again about everything it ever took, as providers do until they are heard."""
        from django.db import connections

        from toli.core import clock
        from toli.emulators.whatsapp_cloud import status_of, webhook
        from toli.messaging.models import Sender
        from toli.messaging.services import callbacks

        sender = Sender.objects.get().pk
        lines = self.taken()
        for start in range(0, len(lines), 1000):
            statuses = [status_of(ref, "91", correlation, "sent") for correlation, ref in lines[start : start + 1000]]
            callbacks.keep_callbacks([(sender, json.dumps(webhook("1", statuses)).encode())], at=clock.now())
        connections.close_all()

    def taken(self) -> list[tuple[str, str]]:
        lines = [line.split(" ") for line in self.ledger.read_text().splitlines()]
        return [(line[0], line[1]) for line in lines if len(line) == 2]

    def count_open(self) -> int:
        from django.db import OperationalError, connections

        from toli.messaging.models import Message

        try:
            return Message.objects.filter(state__in=OPEN).count()
        except OperationalError:
            return self.count
        finally:
            connections.close_all()

    def judge(self) -> dict:
        from django.db import connections

        from toli.messaging.models import Message

        truth = Counter(correlation.partition(".")[0] for correlation, _ref in self.taken())
        states: Counter[str] = Counter()
        lost = settled_late = 0
        for correlation, state in Message.objects.values_list("correlation", "state"):
            states[state] += 1
            taken = truth[str(correlation)]
            lost += state in ("sent", "delivered", "read") and not taken
            lost += state in ("failed", "expired", "cancelled") and not taken
            settled_late += state == "unknown" and taken > 0
        connections.close_all()
        return {
            "states": dict(states), "duplicated": sum(count - 1 for count in truth.values() if count > 1), "lost": lost,
            "open": sum(states[state] for state in OPEN), "unknown": states["unknown"],
            "unknown_but_taken": settled_late, "taken": sum(truth.values()),
        }  # fmt: skip


# A fifth of all requests: accepted late, accepted without an answer, cut off, refused by a fault. Besides, four
# in ten are answered as slowly as by a server far away: so deaths meet messages under way, however fast a machine is.
MISCHIEF = {
    "late": 0.04, "lost": 0.05, "silent": 0.01, "reset": 0.04, "error": 0.03, "error_after": 0.03, "slow": 0.4,
}  # fmt: skip
FAR_AWAY = 0.1  # seconds


def mark_after_sending() -> None:
    """The planted mistake: what is claimed stays queued, put off for a while, and is marked once it was sent."""
    from toli.messaging.services import dispatching

    dispatching._CLAIM = dispatching._CLAIM.replace(
        "SET state = 'sending'", "SET state = 'queued', ready_at = clock_timestamp() + make_interval(secs => %(lease)s)"
    ).replace("lease_until = clock_timestamp() + make_interval(secs => %(lease)s), ", "lease_until = NULL, ")
    dispatching._SETTLE = dispatching._SETTLE.replace(
        "IN ('sending', 'unknown')", "IN ('queued', 'sending', 'unknown')"
    )


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


if __name__ == "__main__":
    raise SystemExit(main())
