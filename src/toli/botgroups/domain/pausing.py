"""How long the bot waits before it tries again. Pure."""

TRIES = 12  # more than an hour of trying
LONGEST = 600.0


def pause_after(tries: int, retry_after: float | None) -> float | None:
    """Seconds until the next try; None: no more. What the platform asks for is obeyed and is no try (T4)."""
    if retry_after is not None:
        return retry_after
    return min(LONGEST, 2.0**tries) if tries < TRIES else None
