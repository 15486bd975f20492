"""Texts that nobody waits for go out by day."""

from collections.abc import Iterable

from django.utils.timezone import localtime

from toli.accounts.domain.actor import Actor
from toli.core import clock
from toli.core.domain.day import is_quiet
from toli.core.errors import Forbidden


def write_by_day(*, actor: Actor, batches: Iterable[int]) -> int:
    """Work off batches of texts to members; nothing at night. Returns how many were written to.

    ``batches``: to how many each wrote. A batch is a transaction of its own and begins only when it is asked for.

    Raises:
        Forbidden: only the system does this. What a batch raises.
    """
    if not actor.is_system:
        raise Forbidden
    return 0 if is_quiet(localtime(clock.now())) else sum(batches)
