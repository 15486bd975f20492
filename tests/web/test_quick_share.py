"""Share links beside Django: the same page, the same count, and Django for whatever is not plain."""

import asyncio
import dataclasses
import threading
import time

import pytest
from django.conf import settings as live
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from tests import factories as make
from toli.core.domain.limits import LIMITS
from toli.sharing import services
from toli.sharing.models import LinkOpen, ShareLink
from toli.sharing.services import batches
from toli.web.beside import Beside
from toli.web.bridge import DjangoByWsgi
from toli.web.public import quick_share

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"
HIDDEN = ("set-cookie", "date")


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    quick: bool


class Visiting:
    """The application as `toli serve` runs it, on a loop in a thread of its own."""

    def __init__(self):
        self.path = quick_share.QuickShare()
        self.asked_django = 0
        self._bridge = DjangoByWsgi(WSGIHandler(), threads=2)
        self._app = Beside(self._django, {"/s/": self.path})
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self):
        self._thread.start()
        self.do(self.path.startup())
        return self

    def __exit__(self, *_error):
        self.do(self.path.shutdown())
        self.do(self._hang_up())
        self._bridge.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _hang_up(self):
        from django.db import connections

        barrier = threading.Barrier(2)

        def close():
            barrier.wait(30)  # so that both threads close theirs
            connections.close_all()

        await asyncio.gather(*[self._loop.run_in_executor(self._bridge._pool, close) for _ in range(2)])

    async def _django(self, scope, receive, send):
        self.asked_django += 1
        await self._bridge(scope, receive, send)

    def ask(self, path, *, method="GET", agent=PHONE, address="203.0.113.1", **headers):
        return self.do(self.asking(path, method=method, agent=agent, address=address, **headers))

    async def asking(self, path, *, method="GET", agent=PHONE, address="203.0.113.1", **headers):
        path, _mark, query = path.partition("?")
        said = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "http_version": "1.1", "scheme": "http", "client": (address, 40000), "server": ("127.0.0.1", 80),
            "headers": [(b"host", b"localhost"), (b"user-agent", agent.encode()), *said],
        }  # fmt: skip
        sent, before = [], self.asked_django

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        await self._app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"] if name.decode() not in HIDDEN}
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], headers, body.decode(), self.asked_django == before)


@pytest.fixture
def link():
    make.make_organisation()
    make.make_territories("IN/UP")
    member = make.make_member("UP", name="Asha <b>Devi</b>")
    return services.share_link(member_id=member.pk, kit_id=make.make_kit().pk, channel="whatsapp")


@pytest.fixture
def visiting(settings, link):
    settings.ALLOWED_HOSTS = ["localhost"]
    with Visiting() as found:
        yield found
    connection.close()


def _opens(link):
    link.refresh_from_db()
    assert link.opens == LinkOpen.objects.filter(link=link).count()
    return link.opens


class TestTheSameAsDjango:
    @pytest.mark.parametrize("language", ["hi", "en"])
    def test_page_and_headers(self, visiting, link, language):
        quick = visiting.ask(f"/s/{link.code}", cookie=f"lang={language}")
        slow = visiting.ask(f"/s/{link.code}?lang={language}", cookie=f"lang={language}")
        assert (quick.quick, slow.quick) == (True, False)
        assert (quick.status, quick.headers["content-security-policy"]) == (
            200,
            slow.headers["content-security-policy"],
        )

        assert quick.text == slow.text
        assert "<b>Devi" not in quick.text
        assert {**quick.headers, "vary": ""} == {**slow.headers, "vary": ""}

    def test_a_code_read_out_leads_there_too(self, visiting, link):
        assert visiting.ask(f"/s/{link.code.upper()}").quick

    @pytest.mark.parametrize("case", [{"method": "POST"}, {"cookie": f"{live.SESSION_COOKIE_NAME}=x"},
                                      {"cookie": f"a=b; {live.SESSION_COOKIE_NAME}=x; lang=en"}])  # fmt: skip
    def test_what_is_not_plain_is_djangos(self, visiting, link, case):
        assert not visiting.ask(f"/s/{link.code}", **case).quick

    def test_so_is_a_strange_host_and_http_where_https_is_demanded(self, visiting, link, settings):
        settings.ALLOWED_HOSTS = ["toli.example.org"]
        assert visiting.ask(f"/s/{link.code}").status == 400
        settings.ALLOWED_HOSTS, settings.HTTPS_ONLY = ["localhost"], True
        answer = visiting.ask(f"/s/{link.code}")
        assert (answer.quick, answer.status) == (False, 301)


class TestCounting:
    def test_answered_means_written(self, visiting, link):
        for address in ("203.0.113.1", "203.0.113.2", "203.0.113.1"):
            assert visiting.ask(f"/s/{link.code}", address=address).quick
        assert _opens(link) == 2

    def test_both_ways_count_one_visitor_once(self, visiting, link):
        visiting.ask(f"/s/{link.code}?lang=hi")
        visiting.ask(f"/s/{link.code}")
        assert _opens(link) == 1

    def test_robots_and_head_requests_see_the_page_and_do_not_count(self, visiting, link):
        assert visiting.ask(f"/s/{link.code}", agent="WhatsApp/2.24 A").quick
        assert visiting.ask(f"/s/{link.code}", method="HEAD").quick
        assert _opens(link) == 0

    def test_many_at_one_moment_share_a_statement_and_none_is_lost(self, visiting, link):
        other = services.share_link(member_id=link.member_id, kit_id=link.kit_id, channel="x")

        async def together():
            asked = [visiting.asking(f"/s/{[link, other][n % 2].code}", address=f"198.51.100.{n}") for n in range(100)]
            return await asyncio.gather(*asked)

        assert all(answer.quick for answer in visiting.do(together()))
        assert (_opens(link), _opens(other)) == (50, 50)

    def test_while_the_database_hangs_the_page_comes_late_and_the_open_later(self, visiting, link, monkeypatch):
        monkeypatch.setattr(batches, "PATIENCE", 0.05)
        visiting.ask(f"/s/{link.code}", address="203.0.113.9")
        held = threading.Event()
        let_go = threading.Event()

        def hold():
            with connection.cursor() as cursor:
                cursor.execute("BEGIN; LOCK TABLE sharing_linkopen IN ACCESS EXCLUSIVE MODE")
                held.set()
                let_go.wait(30)
                cursor.execute("ROLLBACK")
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert held.wait(30)
        assert visiting.ask(f"/s/{link.code}", address="203.0.113.10").status == 200
        assert visiting.ask(f"/s/{link.code}", address="203.0.113.12").status == 200
        assert holder.is_alive(), "who comes later waited for the database"
        let_go.set()
        holder.join()
        ends_at = time.monotonic() + 60
        while visiting.path._book._writing or visiting.path._book._waiting:
            assert time.monotonic() < ends_at
            time.sleep(0.01)
        monkeypatch.setattr(batches, "PATIENCE", 30)
        visiting.ask(f"/s/{link.code}", address="203.0.113.11")
        assert _opens(link) == 4

    def test_what_waits_is_written_when_the_server_stops(self, visiting, link):
        async def leave():
            task = asyncio.create_task(visiting.asking(f"/s/{link.code}"))
            while not visiting.path._book._waiting and not task.done():
                await asyncio.sleep(0)
            task.cancel()  # the visitor is gone

        visiting.do(leave())
        visiting.do(visiting.path.shutdown())
        assert _opens(link) == 1
        visiting.path = quick_share.QuickShare()
        visiting.do(visiting.path.startup())


class TestChanges:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        monkeypatch.setattr(quick_share, "KIT_SECONDS", 0)
        monkeypatch.setattr(quick_share, "LINK_SECONDS", 0)

    def test_a_withdrawn_kit_is_gone_and_its_visits_do_not_count(self, visiting, link):
        assert visiting.ask(f"/s/{link.code}").status == 200
        link.kit.state = "withdrawn"
        link.kit.save()
        answer = visiting.ask(f"/s/{link.code}", address="203.0.113.2")
        assert (answer.status, answer.quick) == (410, True)
        assert _opens(link) == 1

    def test_an_erased_link_is_unknown(self, visiting, link):
        assert visiting.ask(f"/s/{link.code}").status == 200
        ShareLink.objects.all().delete()
        answer = visiting.ask(f"/s/{link.code}")
        assert (answer.status, answer.quick) == (404, False)


def test_nothing_is_kept_for_longer_than_seconds():
    assert quick_share.KIT_SECONDS <= 2
    assert quick_share.LINK_SECONDS <= 10


def test_who_looks_for_codes_is_refused_the_known_ones_too(visiting, link):
    for _try in range(LIMITS["share.unknown_address"].times):
        assert visiting.ask("/s/unknown").status == 404
    assert visiting.ask("/s/unknown").status == 429
    assert visiting.ask(f"/s/{link.code}").status == 429
    assert visiting.ask(f"/s/{link.code}", address="203.0.113.2").status == 200
