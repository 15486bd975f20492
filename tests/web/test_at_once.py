"""Pages of share links that are given before a task is made for them: the same page, the same count, over real HTTP."""

import asyncio
import re
import socket
import time
from contextlib import nullcontext

import pytest
from django.db import connection
from uvicorn import Config, Server

from tests import factories as make
from tests.web.test_quick_share import PHONE, Visiting
from toli.sharing import services
from toli.sharing.models import LinkOpen
from toli.sharing.services import batches
from toli.web.public import quick_share
from toli.web.serving import CarefulProtocol

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def link():
    make.make_organisation()
    make.make_territories("IN/UP")
    member = make.make_member("UP", name="Asha <b>Devi</b>")
    return services.share_link(member_id=member.pk, kit_id=make.make_kit().pk, channel="whatsapp")


class Serving:
    """The server on a port, and how often it gave a page at once."""

    def __init__(self, visiting):
        self.at_once = 0
        self._say = visiting.path.at_once
        application = visiting._app
        application._at_once = [(b"/s/", self._counting)]
        options = {"http": CarefulProtocol, "ws": "none", "lifespan": "off", "log_config": None, "access_log": False}
        self._server = Server(Config(application, server_header=False, proxy_headers=False, **options))
        self._server.capture_signals = nullcontext  # signals are the test run's
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._visiting = visiting

    def _counting(self, *request):
        said = self._say(*request)
        self.at_once += said is not None
        return said

    def __enter__(self):
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve([self._listening]), self._visiting._loop)
        until = time.monotonic() + 30
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.01)
        return self

    def __exit__(self, *_error):
        self._server.should_exit = True
        self._serving.result(60)
        self._listening.close()

    def line(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@pytest.fixture
def visiting(settings, link, monkeypatch):
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    monkeypatch.setattr(quick_share, "KIT_SECONDS", 60)
    monkeypatch.setattr(quick_share, "LINK_SECONDS", 60)
    with Visiting() as found:
        yield found
    connection.close()


@pytest.fixture
def serving(visiting):
    with Serving(visiting) as found:
        yield found


def _request(link, address, *more, verb="GET"):
    lines = [
        f"{verb} /s/{link.code} HTTP/1.1",
        "Host: localhost",
        f"User-Agent: {PHONE}",
        f"X-Forwarded-For: {address}",
    ]
    return "\r\n".join([*lines, *more, "", ""]).encode()


def _answer(line):
    """The next answer on this line: its head without the date, and its body."""
    told = b""
    while b"\r\n\r\n" not in told:
        told += line.recv(1)
    length = int(re.search(rb"content-length: (\d+)", told)[1])
    body = b""
    while len(body) < length:
        body += line.recv(length - len(body))
    return sorted(part for part in told.split(b"\r\n") if not part.startswith(b"date: ")), body


def _opens(link):
    link.refresh_from_db()
    assert link.opens == LinkOpen.objects.filter(link=link).count()
    return link.opens


def test_the_page_given_at_once_is_the_page_and_counts_before_it_is_given(serving, link):
    with serving.line() as line:
        given = []
        for number in range(4):
            line.sendall(_request(link, f"203.0.113.{number % 3}"))
            given.append(_answer(line))
            assert _opens(link) == min(number + 1, 3)
    assert serving.at_once == 3  # the first one had the link looked up
    assert given[0] == given[1] == given[2] == given[3]
    assert given[0][1].count(link.code.encode()) and b"HTTP/1.1 200 OK" in given[0][0]


def test_it_is_held_back_until_the_visit_is_on_the_disk(serving, link, monkeypatch):
    monkeypatch.setattr(batches, "PATIENCE", 60)
    with serving.line() as line:
        line.sendall(_request(link, "203.0.113.1"))
        _answer(line)
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE sharing_linkopen IN ACCESS EXCLUSIVE MODE")
            try:
                line.sendall(_request(link, "203.0.113.2"))
                line.settimeout(0.3)
                with pytest.raises(TimeoutError):
                    line.recv(1)
            finally:
                cursor.execute("ROLLBACK")
        line.settimeout(30)
        _answer(line)
        assert (_opens(link), serving.at_once) == (2, 1)


def test_requests_sent_in_one_breath_are_answered_in_order(serving, link):
    with serving.line() as line:
        line.sendall(_request(link, "203.0.113.1"))
        first = _answer(line)
        asked = [_request(link, f"203.0.113.{number}") for number in range(2, 6)]
        line.sendall(b"".join([*asked, b"GET /s/unknown HTTP/1.1\r\nHost: localhost\r\n\r\n", *asked]))
        given = [_answer(line) for _number in range(9)]
    assert [each[0] == first[0] for each in given] == [True] * 4 + [False] + [True] * 4
    assert _opens(link) == 5


def test_whoever_leaves_before_the_answer_is_counted_and_disturbs_nobody(serving, link):
    with serving.line() as line:
        line.sendall(_request(link, "203.0.113.1"))
        _answer(line)
        for number in range(2, 7):
            with serving.line() as leaving:
                leaving.sendall(_request(link, f"203.0.113.{number}"))
        line.sendall(_request(link, "203.0.113.9"))
        _answer(line)


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "?lang=en"},
        {"path": "%61"},
        {"headers": [(b"content-length", b"3")]},
        {"headers": [(b"transfer-encoding", b"chunked")]},
        {"headers": [(b"expect", b"100-continue")]},
        {"headers": [(b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-for", b"203.0.113.8")]},
        {"headers": [(b"cookie", b"sessionid=x; toli_session=x; __Host-session=x")]},
        {"host": b"elsewhere.example.org"},
    ],
)
def test_whatever_is_not_plain_is_not_answered_at_once(visiting, link, settings, request_):
    settings.SESSION_COOKIE_NAME = "sessionid"
    visiting.ask(f"/s/{link.code}")
    url = f"/s/{link.code}{request_.get('path', '')}".encode()
    headers = [(b"host", request_.get("host", b"localhost")), (b"user-agent", PHONE.encode())]
    assert visiting._app.at_once(f"/s/{link.code}".encode(), [(b"host", b"localhost"), headers[1]], "127.0.0.1")
    assert visiting._app.at_once(url, [*headers, *request_.get("headers", [])], "127.0.0.1") is None


def test_nothing_is_answered_at_once_by_http_where_https_is_demanded_or_to_whom_was_refused(visiting, link, settings):
    plain = [(b"host", b"localhost"), (b"user-agent", PHONE.encode())]
    url = f"/s/{link.code}".encode()
    visiting.ask(f"/s/{link.code}")
    assert visiting._app.at_once(url, plain, "203.0.113.1")
    visiting.path._refused["203.0.113.1"] = time.monotonic() + 60
    assert visiting._app.at_once(url, plain, "203.0.113.1") is None
    settings.HTTPS_ONLY = True
    assert visiting._app.at_once(url, plain, "127.0.0.1") is None
    assert visiting._app.at_once(url, [*plain, (b"x-forwarded-proto", b"https")], "127.0.0.1")
