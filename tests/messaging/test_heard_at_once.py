"""Reports that are taken before a task is made for them: kept, refused and answered as ever, over real HTTP."""

import asyncio
import json
import re
import uuid
from contextlib import asynccontextmanager, nullcontext

from django.db import connection
from uvicorn import Config, Server

from tests.messaging.conftest import SECRET
from tests.messaging.test_callbacks import NUMBER_ID, committed  # noqa: F401
from toli.core.apart import apart
from toli.emulators.whatsapp_cloud import signed, status_of, webhook
from toli.messaging.models import ReceivedCallback
from toli.web.beside import SMALL_BODY, Beside
from toli.web.fast import callbacks
from toli.web.serving import CarefulProtocol

BODY = json.dumps(webhook(NUMBER_ID, [status_of("w", "91", str(uuid.uuid4()), "sent")])).encode()


class Served:
    """The server in a loop of its own, and how many reports it took at once."""

    def __init__(self):
        self.path = callbacks.ProviderCallbacks()
        self.heard = 0
        self.app = Beside(self._django, {callbacks.PREFIX: self.path})
        self.app._hears = [(b"/in/", self._counting)]
        options = {"http": CarefulProtocol, "ws": "none", "lifespan": "off", "log_config": None, "access_log": False}
        self._server = Server(Config(self.app, port=0, server_header=False, proxy_headers=False, **options))
        self._server.capture_signals = nullcontext  # signals are the test run's

    async def _django(self, _scope, _receive, send):
        await send({"type": "http.response.start", "status": 418, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def _counting(self, *request):
        hearing = self.path.hears(*request)
        self.heard += hearing is not None
        return hearing

    @asynccontextmanager
    async def line(self):
        port = self._server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def ask(self, *requests):
        """The statuses of answers to requests that are sent in one breath."""
        async with self.line() as (reader, writer):
            writer.write(b"".join(requests))
            return [await _answered(reader) for _request in requests]


async def _answered(reader):
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
    await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
    return int(head.split(b" ")[1])


def serve(talk):
    """What ``talk(served)`` returns; the sender has been looked up before."""

    async def whole():
        served = Served()
        serving = asyncio.create_task(served._server.serve())
        while not served._server.started:
            await asyncio.sleep(0.01)
        try:
            assert await served.ask(post(secret="wrong")) == [403]
            assert served.heard == 0
            return await talk(served)
        finally:
            served._server.should_exit = True
            await serving
            await served.path.shutdown()

    return apart(lambda: asyncio.run(whole()))


def post(body=BODY, *, secret=SECRET, url="/in/main", more=(), length=None):
    length = len(body) if length is None else length
    lines = [f"POST {url} HTTP/1.1", "Host: localhost", f"X-Hub-Signature-256: {signed(body, secret)}"]
    lines += [f"Content-Length: {length}"] if length >= 0 else []
    return "\r\n".join([*lines, *more, "", ""]).encode() + body


def test_a_report_taken_at_once_is_on_the_disk_before_it_is_answered(committed):  # noqa: F811
    async def talk(served):
        async with served.line() as (reader, writer):
            for number in range(1, 4):
                writer.write(post())
                assert await _answered(reader) == 200
                assert ReceivedCallback.objects.count() == number == served.heard
        many = await asyncio.gather(*[served.ask(post(), post(secret="x"), post()) for _ in range(20)])
        assert many == [[200, 403, 200]] * 20

    serve(talk)
    assert ReceivedCallback.objects.count() == 43


def test_forged_and_changed_ones_are_refused_and_not_kept(committed):  # noqa: F811
    async def talk(served):
        changed = post().replace(b'"sent"', b'"read"')
        bare = post().replace(b"X-Hub-Signature-256", b"X-Other")
        under = post().replace(b"X-Hub-Signature-256", b"X_Hub_Signature_256")
        found = [await served.ask(request) for request in (post(secret="x"), changed, bare, under)]
        return found, served.heard

    assert serve(talk) == ([[403]] * 4, 3)  # headers with an underscore are nobody's
    assert ReceivedCallback.objects.count() == 0


def test_a_body_in_pieces_is_one_body_and_half_a_body_is_none(committed):  # noqa: F811
    async def talk(served):
        whole = post()
        async with served.line() as (reader, writer):
            for start in range(0, len(whole), 100):
                writer.write(whole[start : start + 100])
                await writer.drain()
                await asyncio.sleep(0.001)
            assert await _answered(reader) == 200
        async with served.line() as (_reader, writer):
            writer.write(whole[:-1])
            await writer.drain()
        assert await served.ask(whole) == [200]
        return served.heard

    assert serve(talk) == 3
    assert ReceivedCallback.objects.count() == 2


def test_whatever_is_not_plain_goes_the_usual_way(committed):  # noqa: F811
    large = b" " * SMALL_BODY + BODY
    chunked = post(b"", length=-1, more=["Transfer-Encoding: chunked"]) + b"0\r\n\r\n"

    async def talk(served):
        requests = (
            post(large),
            chunked,
            post(url="/in/main?token=x"),
            post(more=["X-Hub-Signature-256: sha256=0"]),
            post().replace(b"HTTP/1.1", b"HTTP/1.0"),
            post(url="/in/nobody"),
            post().replace(b"Host: localhost", b"Host: elsewhere.example.org"),
        )
        return [await served.ask(request) for request in requests], served.heard

    found, heard = serve(talk)
    assert (found, heard) == ([[200], [200], [200], [403], [200], [404], [418]], 0)
    assert ReceivedCallback.objects.count() == 4


def test_without_the_disk_it_is_to_come_again(committed):  # noqa: F811
    async def talk(served):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE messaging_receivedcallback RENAME TO elsewhere")
            try:
                found = await served.ask(post(), post())
            finally:
                cursor.execute("ALTER TABLE elsewhere RENAME TO messaging_receivedcallback")
        return [*found, *await served.ask(post())], served.heard

    assert serve(talk) == ([503, 503, 200], 2)  # of two in one breath the second one stands in line
    assert ReceivedCallback.objects.count() == 1


def test_more_than_may_wait_is_to_come_again(committed, monkeypatch):  # noqa: F811
    monkeypatch.setattr(callbacks, "MOST_WAITING", 0)
    assert serve(lambda served: served.ask(post())) == [503]
