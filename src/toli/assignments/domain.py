"""In which order a person's work is shown: what does most harm by waiting comes first."""

_ORDER = (
    "delete_post",  # recalled: hours count
    "change_link",  # strangers are coming in
    "people_waiting",
    "create_group",
    "late_wave",
    "divide_group",  # about to fill
    "announce_division",
    "hand_over",
    "relay_kit",
    "close_group",
    "remove_group",  # nobody is in it
    "second_admin",
)
HARM = {kind: place for place, kind in enumerate(_ORDER)}


def urgency(kind: str, due: float) -> tuple[int, float]:
    """Sort key: kind by harm, then due time (seconds since the epoch)."""
    return HARM.get(kind, len(HARM)), due
