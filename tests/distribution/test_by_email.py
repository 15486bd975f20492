"""A kit that goes out by e-mail: forecast, words, once to each, also when the worker dies on the way; and a recall."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests import factories as make
from tests.distribution.test_direct import QUICK, agreeing, begin
from tests.messaging.conftest import begin_anew
from toli.accounts.domain.actor import SYSTEM
from toli.content.models import KitMedia, PlatformText
from toli.core import clock, events
from toli.distribution import direct, selectors, services
from toli.distribution.domain.forecast import Pictured
from toli.emulators.faults import Faults
from toli.emulators.running import running
from toli.emulators.smtp import MailServer
from toli.messaging.dispatcher import Dispatcher
from toli.messaging.models import Message, Sender
from toli.messaging.services import senders
from toli.sharing.models import ShareLink

KILLS = int(os.environ.get("TOLI_TEST_KILLS", "1"))
PEOPLE = 12 * (KILLS + 1)
WORKER = """
import sys
import django
django.setup()
from django.conf import settings
from django.db import connections
connections.settings["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
from datetime import timedelta
from pathlib import Path
settings.MESSAGING_DIR = Path(sys.argv[2])
from toli.messaging.dispatcher import Dispatcher, Options
Dispatcher(Options(batch=8, lanes=1, connections=4, lease=timedelta(seconds=3), call_seconds=1, idle=0.02)).run()
"""


@contextmanager
def by_email(server):
    """A mail server, a sender that uses it, and land with a kit."""
    make.make_organisation()
    make.make_territories("IN/UP/07/B1")
    begin_anew()
    with running(server) as url:
        told = {"server": url.replace("http", "smtp"), "address": "news@toli.example", "name": "Toli"}
        senders.create_sender(actor=SYSTEM, code="mail", name="Mail", provider="email_smtp", settings=told)
        yield make.make_kit("IN", state="approved", made_with_ai=True), make.make_campaign()


@pytest.fixture
def server():
    return MailServer()


def mailed(**fields):
    """A member who confirmed a mailbox and agreed."""
    member_id = agreeing("B1", "email", **fields)
    make.make_mailbox(make.Member.objects.get(pk=member_id), f"m{member_id}@mail.example")
    return member_id


@pytest.mark.django_db
class TestAPlan:
    def test_it_costs_nothing_and_counts_only_confirmed_mailboxes(self, server):
        with by_email(server) as (kit, campaign):
            mailed()
            agreeing("B1", "email")  # a yes, and no address
            plan = services.make_plan(
                actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["UP"],
                channels=["email_smtp"], starts_at=clock.now(),
            )  # fmt: skip
            (line,) = selectors.dry_run(plan)
            assert (line.places, line.cost, line.free) == (1, 0, True)
            senders.change_sender(actor=SYSTEM, code="mail", settings={}, prices={"content": "2.5"})
            (line,) = selectors.dry_run(plan)
            assert (line.cost, line.free) == (3, False)  # a provider that bills mails

    def test_who_reads_it_finds_their_own_link_who_speaks_and_the_way_out(self, server):
        with by_email(server) as (kit, campaign):
            member_id = mailed(language="en")
            begin(kit, campaign, "email_smtp")
            assert Dispatcher(QUICK).run_until_idle() == 1
        mail = server.messages[0].mail
        link = ShareLink.objects.get(member_id=member_id)
        for kind in ("plain", "html"):
            text = mail.get_body((kind,)).get_content()
            for part in (f"/s/{link.code}", "Published by Jan Setu Union", "Made with the help of AI", "/c/"):
                assert part in text
            assert "{{" not in text
        assert mail["Subject"] == kit.renditions.get(language="en").title

    def test_own_words_picture_and_subject_reach_the_mailbox_with_all_that_must_be_said(self, server):
        with by_email(server) as (kit, campaign):
            PlatformText.objects.create(
                kit=kit, language="en", platform="email", texts=["First <b>.\n\nSecond."], subject="One minute, please"
            )
            KitMedia.objects.create(
                kit=kit, platform="email", source=make.make_picture(kit).digest, digest="a" * 64, width=960, height=504,
                data=b"a picture",
            )  # fmt: skip
            assert direct.pictured(kit, direct.way_of("email_smtp")) == Pictured.GOES
            link = ShareLink.objects.filter(member_id=mailed(language="en"))
            mailed(language="hi")
            begin(kit, campaign, "email_smtp")
            assert Dispatcher(QUICK).run_until_idle() == 2
        english, hindi = sorted((taken.mail for taken in server.messages), key=lambda mail: mail["Subject"])
        assert english["Subject"] == "One minute, please"
        page, text = (english.get_body((kind,)).get_content() for kind in ("html", "plain"))
        for part in (
            "<p>First &lt;b&gt;.</p>",
            "<p>Second.<br>",
            'alt="A mark on a list"',
            "Check your name on the list",
        ):
            assert part in page
        for part in (f"/s/{link.get().code}", "Published by Jan Setu Union", "Made with the help of AI", "/c/"):
            assert part in page
            assert part in text
        assert english["List-Unsubscribe"]
        for mail in (english, hindi):
            assert [part.get_content() for part in mail.walk() if part.get_content_type() == "image/jpeg"] == [
                b"a picture"
            ]
        assert hindi["Subject"] == kit.renditions.get(language="hi").title  # no words of its own: the general ones
        assert "नाम जाँचने में एक मिनट लगता है।" in hindi.get_body(("plain",)).get_content()

    def test_a_recall_takes_back_what_is_queued_and_nothing_else(self, server):
        with by_email(server) as (kit, campaign):
            first, second = mailed(), mailed()
            begin(kit, campaign, "email_smtp")
            Message.objects.filter(member_id=second).update(ready_at=clock.now().replace(year=2999))
            assert Dispatcher(QUICK).run_until_idle() == 1
            services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
            events.deliver()
            found = dict(Message.objects.values_list("member_id", "state"))
        assert found == {first: "sent", second: "cancelled"}


def work():
    source = Path(__file__).resolve().parents[2] / "src"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "toli.config.settings", "PYTHONPATH": str(source)}
    words = [connection.settings_dict["NAME"], str(settings.MESSAGING_DIR)]
    return subprocess.Popen([sys.executable, "-c", WORKER, *words], env=environment)


def wait_until(holds, seconds=180):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_nobody_is_written_to_twice_and_nobody_is_forgotten(server):
    server.faults = Faults(delay=0.02)
    with by_email(server) as (kit, campaign):
        people = {mailed() for _ in range(PEOPLE)}
        begin(kit, campaign, "email_smtp")
        for kill in range(KILLS):
            worker = work()
            wait_until(lambda kill=kill: len(server.messages) >= 5 + kill * 10)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        worker = work()
        wait_until(lambda: not Message.objects.filter(state__in=("queued", "sending")).exists())
        worker.terminate()
        worker.wait(20)
    messages = Message.objects.all()
    assert {item.member_id for item in messages} == people
    assert {item.state for item in messages} <= {"sent", "unknown"}
    assert set(server.taken.values()) == {1}
    taken = set(server.taken)
    assert all(str(item.correlation) in taken for item in messages if item.state == "sent")
    assert sum(item.state == "unknown" for item in messages) <= 8 * KILLS  # what was in its hands when it died
    assert not Sender.objects.exclude(state="active").exists()
