"""Every page that a URL leads to, in a real browser, as somebody who may open it: whole at every width, readable by
everybody, asking nobody else for anything. New pages come in by themselves, with their subject in the access matrix."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from tests.matrix import cells, stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (320, 360, 1280)
# Who opens the pages of a declaration, and in which place; everything else is opened by headquarters.
OPENED_BY = {"public": ("anonymous", "below"), "member": ("member", "below"), "staff": ("coordinator", "own")}
OF_THE_ASKER = (stage.ASKER, "own")


@pytest.fixture
def furnished(site) -> stage.Stage:
    return stage.build()


HELP = """(() => { const box = document.querySelector("header .ib[href='/help']").getBoundingClientRect();
  return [Math.round(innerWidth - box.right), Math.round(box.top)]; })()"""
CUT = """[...document.querySelectorAll("main :is(h1, h2, h3, p, b, small, dt, dd, label, legend, button, .btn)")]
  .filter((one) => one.checkVisibility() && !one.closest(".vh, .scroll") && one.scrollWidth > one.clientWidth + 1
    && one.clientWidth && getComputedStyle(one).display !== "inline")
  .map((one) => one.textContent.trim().slice(0, 40))"""
WIDER = "document.documentElement.scrollWidth > innerWidth"


def _visits(furnished: stage.Stage) -> Iterator[tuple[str, str]]:
    """(role, path) of every route, with each of the things that its parameters may stand for."""
    for pattern in cells.routes():
        route, access = str(pattern.pattern), pattern.callback.access
        for subject in cells.SUBJECTS.get(route, (None,)):
            asked_for = subject is not None and subject.reach == "asker"
            role, place = OF_THE_ASKER if asked_for else OPENED_BY.get(access, ("headquarters", "own"))
            yield role, cells.address(route, subject, furnished.of(place))


def _signed_in(open_page, person: stage.Person, site: str, language: str) -> Any:
    page = open_page("/help", language=language)
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": site} for name, morsel in person.client.cookies.items()]
    )
    page.context.add_cookies([{"name": "lang", "value": language, "url": site}])
    return page


@pytest.mark.parametrize(("language", "read_at"), [("hi", 320), ("en", 1280)])
def test_every_page_is_whole_accessible_and_asks_nobody_else(open_page, site, furnished, language, read_at):
    pages = {name: _signed_in(open_page, person, site, language) for name, person in furnished.roles.items()}
    seen, found, help_stands = set(), [], {}
    for role, path in dict.fromkeys(_visits(furnished)):
        page = pages[role]
        answer = page.context.request.get(path)
        if "text/html" not in answer.headers.get("content-type", "") or (role, answer.url) in seen:
            continue  # a file, or a page that another address has led to
        seen.add((role, answer.url))
        page.goto(path)
        where = f"{path} as {role}"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            if page.evaluate(WIDER):
                found.append(f"{where} is wider than {width} px")
            help_stands.setdefault((role, width), {}).setdefault(tuple(page.evaluate(HELP)), where)
        page.set_viewport_size({"width": read_at, "height": 740})
        assert page.get_attribute("html", "lang") == language, where
        broken = Axe().run(page)["violations"]
        found += [f"{where}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in broken]
        found += [] if page.is_visible("header [data-listen]") else [f"{where} cannot be listened to"]
        if language == "hi":  # once is enough: what breaks is the layout
            found += _large_text(page, where)
    found += [f"help moves for {who}: {places}" for who, places in help_stands.items() if len(places) > 1]
    assert found == []
    assert [page.elsewhere for page in pages.values() if page.elsewhere] == []
    assert len(seen) >= len(cells.routes()) / 2  # the others answer to posts, lead on, or give files


def _large_text(page, where):
    """At 360 px with letters of twice the size: no wider than the screen, and nothing cut off that is to be read."""
    page.set_viewport_size({"width": 360, "height": 740})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})  # as in the browser's settings
    faults = [f"{where} is wider than 360 px with large text"] if page.evaluate(WIDER) else []
    faults += [f"{where} cuts {words!r} off in large text" for words in page.evaluate(CUT)]
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    devtools.detach()
    return faults
