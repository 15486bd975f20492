"""The organisation's own channels on Telegram in the demonstration, of which one lies in silence.

Posts leave by the worker, as everywhere. Only the platform is a stand-in.
"""

from collections.abc import Callable
from contextlib import suppress

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.content import selectors as content
from toli.core import jobs
from toli.demo import messages
from toli.demo.plan import CHANNELS
from toli.demo.stages import HEADQUARTERS
from toli.posting import selectors, services
from toli.posting.errors import PlaceExists

Advance = Callable[[int, int], None]


def set_up() -> None:
    """A channel in each of two states."""
    for territory, name in CHANNELS.items():
        with suppress(PlaceExists):
            services.add_place(
                actor=SYSTEM,
                provider="telegram_posts",
                settings={"chat_id": f"@{name}"},
                name=name,
                territory_code=territory,
                person_login=HEADQUARTERS,
            )


def wait(kit: str, advance: Advance, *, until: Callable[[selectors.Counts], bool]) -> None:
    """Let the worker post until it is so."""
    found = content.get_kit_by_code(EVERYWHERE, kit)

    def is_so() -> bool:
        jobs.enqueue_once("posting.send")
        return until(selectors.counts(EVERYWHERE, found))

    messages.until(is_so, advance)


def stand(counts: selectors.Counts) -> bool:
    """Whether all went out, or may not."""
    return counts.all > 0 and counts.waiting == 0


def gone(counts: selectors.Counts) -> bool:
    """Whether nothing is left that a program could still delete."""
    return counts.waiting == 0 and counts.posted == 0
