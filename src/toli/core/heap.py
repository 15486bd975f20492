"""The collector of garbage, in processes that answer or send for hours."""

import gc


def settle() -> None:
    """What is loaded by now stays until the process ends: the collector no longer walks through it.

    Whatever waits for the disk is old enough to have the whole heap looked at, and with Django in it that takes a
    process half a second, again and again, in the middle of its work. Before a fork this also keeps memory shared.
    """
    gc.collect()
    gc.freeze()
