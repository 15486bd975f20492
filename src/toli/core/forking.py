"""A process that was forked has connections to the database of its own."""

import os

from django.db import connections


def install() -> None:
    """Called once, when Django starts: from then on no child uses what its parent had open, nor closes it for it."""
    os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    # The parent cannot do this for us: while it runs a loop of asyncio, Django keeps connections for that loop apart
    # from those of the thread, and closes the ones; we have no loop and would find the others.
    for inherited in connections.all(initialized_only=True):
        inherited.connection = None
