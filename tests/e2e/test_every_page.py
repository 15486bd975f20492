"""Every page that a URL leads to, in a real browser, as somebody who may open it: whole and readable by everybody at
every width and with large text, asking nobody else for anything. New pages come in by themselves, with their subject in
the access matrix.

One load of each page has to do for all of it: axe is put into the page once and asked for violations alone, which takes
a third of the time that all its results take. All rules are tried once in each language (in Hindi with large text, in
English on a desk), at the other widths those that depend on layout.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

from tests.matrix import cells, stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 360, 320)
# Who opens the pages of a declaration, and in which place; everything else is opened by headquarters.
OPENED_BY = {"public": ("anonymous", "below"), "member": ("member", "below"), "staff": ("coordinator", "own")}
OF_THE_ASKER = (stage.ASKER, "own")


@pytest.fixture
def furnished(site) -> stage.Stage:
    return stage.build()


# Whether the page is wider than the screen, and where the way to help stands.
LAYOUT = """(() => { const box = document.querySelector("header .ib[href='/help']").getBoundingClientRect();
  return [document.documentElement.scrollWidth > innerWidth,
          [Math.round(innerWidth - box.right), Math.round(box.top)]]; })()"""
CUT = """[...document.querySelectorAll("main :is(h1, h2, h3, p, b, small, dt, dd, label, legend, button, .btn)")]
  .filter((one) => one.checkVisibility() && !one.closest(".vh, .scroll") && one.scrollWidth > one.clientWidth + 1
    && one.clientWidth && getComputedStyle(one).display !== "inline")
  .map((one) => one.textContent.trim().slice(0, 40))"""
WIDER = "document.documentElement.scrollWidth > innerWidth"
BROKEN = """async only => (await axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) }))
  .violations.map((rule) => `${rule.id} ${rule.nodes[0].html.slice(0, 120)}`)"""
LARGE = 2  # times the usual size of letters
BY_LAYOUT = ["color-contrast", "scrollable-region-focusable", "aria-hidden-focus", "link-in-text-block"]


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


def opened(page: Page, path: str) -> bool:
    """Whether a page stands behind the path, which is open then; files are left alone."""
    try:
        answer = page.goto(path)
    except Error:  # a browser saves a file, and takes an answer without a body for a failure
        if _is_page(page.context.request.get(path)):
            raise
        return False
    return answer is not None and _is_page(answer)


def _is_page(answer: Any) -> bool:
    return "text/html" in answer.headers.get("content-type", "")


@pytest.mark.parametrize(("language", "all_rules_at"), [("hi", LARGE), ("en", 1280)])
def test_every_page_is_whole_accessible_and_asks_nobody_else(open_page, site, furnished, language, all_rules_at):
    pages = {name: _signed_in(open_page, person, site, language) for name, person in furnished.roles.items()}
    seen, found, help_stands = set(), [], {}
    for role, path in dict.fromkeys(_visits(furnished)):
        page = pages[role]
        if not opened(page, path) or (role, page.url) in seen:
            continue  # a file, or a page that another address has led to
        seen.add((role, page.url))
        page.evaluate(AXE_SCRIPT)
        where = f"{path} as {role}"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            broken = page.evaluate(BROKEN, None if width == all_rules_at else BY_LAYOUT)
            found += [f"{where} at {width} px: {rule}" for rule in broken]
            wider, help_at = page.evaluate(LAYOUT)
            if wider:
                found.append(f"{where} is wider than {width} px")
            help_stands.setdefault((role, width), {}).setdefault(tuple(help_at), where)
        assert page.get_attribute("html", "lang") == language, where
        found += [] if page.is_visible("header [data-listen]") else [f"{where} cannot be listened to"]
        found += _large_text(page, where, None if all_rules_at == LARGE else BY_LAYOUT)
    found += [f"help moves for {who}: {places}" for who, places in help_stands.items() if len(places) > 1]
    assert found == []
    assert [page.elsewhere for page in pages.values() if page.elsewhere] == []
    assert len(seen) >= len(cells.routes()) / 2  # the others answer to posts, lead on, or give files


def _large_text(page, where, rules):
    """At 360 px with letters of twice the size: no wider than the screen, nothing cut off that is to be read, and
    readable by everybody."""
    page.set_viewport_size({"width": 360, "height": 740})
    devtools = page.context.new_cdp_session(page)
    large = {"standard": 16 * LARGE, "fixed": 13 * LARGE}  # as in the browser's settings
    devtools.send("Page.setFontSizes", {"fontSizes": large})
    faults = [f"{where} is wider than 360 px with large text"] if page.evaluate(WIDER) else []
    faults += [f"{where} cuts {words!r} off in large text" for words in page.evaluate(CUT)]
    faults += [f"{where} in large text: {rule}" for rule in page.evaluate(BROKEN, rules)]
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    devtools.detach()
    return faults
