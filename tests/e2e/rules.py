"""The rules of accessibility that a page breaks, found by axe-core in the browser."""

from typing import Any

from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# All rules. Only what is broken comes back: to hand over all that is in order takes longer than to find it.
READ = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"


def broken_rules(page: Page) -> list[dict[str, Any]]:
    """Each broken rule of the page as it is now, with its ``id`` and the ``nodes`` that break it."""
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(READ)
