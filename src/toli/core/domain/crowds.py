"""Of those who wait for the disk, how many go with the next statement.

Were it all of them, they would all be answered at one moment, ask again at one moment, and so go on in one crowd: the
server idle while the disk works, and the disk while the server does. So some stay behind, for the next one.
"""

# Seconds that the first one waits for others, while they come in crowds: a statement costs as much as ten of them.
COMPANY = 0.001
ENOUGH = 32  # from here on one more in a statement makes the others hardly cheaper, and there is nothing to wait for


def how_many(waiting: int, *, most: int) -> int:
    """Half of them, but no fewer than are ``ENOUGH`` and no more than ``most``."""
    return min(waiting, max(ENOUGH, waiting // 2), most)
