"""A real server and a real browser. The page is a phone of 360 x 740 unless a test asks for a desk."""

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import wraps

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Locator, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """The test's own output is enough."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("Chromium is missing; run tools/ensure-browser.sh")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for where in (Page, Locator):
            patch.setattr(where, "click", _until_it_is_there(where.click))
            patch.setattr(where, "press", _until_it_is_there(where.press))
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def _until_it_is_there(act: Callable[..., None]) -> Callable[..., None]:
    """``act``, and then the whole page that it leads to.

    By itself it ends when the next page is on its way: what reads at once finds half a page, or none.
    """

    @wraps(act)
    def acted(on: Page | Locator, *given: object, **options: object) -> None:
        act(on, *given, **options)
        page = on if isinstance(on, Page) else on.page
        if not page.is_closed():
            page.wait_for_load_state("domcontentloaded")

    return acted


@pytest.fixture
def site(transactional_db, settings) -> Iterator[str]:
    """The address of a server that works on the test's database."""
    settings.ALLOWED_HOSTS = ["localhost"]
    server = ThreadedWSGIServer(("127.0.0.1", 0), _QuietHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://localhost:{server.server_port}"  # a name: passkeys belong to names
    settings.BASE_URL = address
    yield address
    server.shutdown()
    server.server_close()
    thread.join()
    connections.close_all()


@pytest.fixture
def open_page(browser, site) -> Iterator[Callable[..., Page]]:
    """``open_page("/join", language="hi")``: a new phone, with nothing signed in."""
    contexts = []

    def open_(path: str, *, language: str = "hi", width: int = 360, height: int = 740, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=site, **options)
        contexts.append(context)
        context.set_default_timeout(15000)
        page = context.new_page()
        page.elsewhere = []
        page.on("request", lambda request: _note_foreign(page, request.url, site))
        page.goto(path + ("&" if "?" in path else "?") + f"lang={language}")
        return page

    yield open_
    for context in contexts:
        context.close()


OWN = ("data:", "chrome:", "chrome-extension:")  # asked of nobody: the browser's own viewer of a PDF, for one


def _note_foreign(page: Page, url: str, site: str) -> None:
    if not url.startswith((site, *OWN)):
        page.elsewhere.append(url)
