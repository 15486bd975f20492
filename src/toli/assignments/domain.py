"""In which order a person's work is shown: what does most harm by waiting comes first."""

HARM = {"create_group": 0, "late_wave": 1, "announce_division": 2, "relay_kit": 3, "close_group": 4}


def urgency(kind: str, due: float) -> tuple[int, float]:
    """Sort key: kind by harm, then due time (seconds since the epoch)."""
    return HARM.get(kind, len(HARM)), due
