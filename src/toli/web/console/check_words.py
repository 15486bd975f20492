"""The figures of domain/velocity.py, and what was done with a case, in words for whoever checks."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

RULES = {
    "enroller.hour": _("Written down by one helper within an hour"),
    "enroller.day": _("Written down by one helper within a day"),
    "enroller.night": _("Written down by one helper at night"),
    "enroller.unconfirmed": _("Written down by one helper, and never confirmed"),
    "enroller.names": _("The same name, written down by one helper"),
    "enroller.block": _("Numbers that follow each other, written down by one helper"),
    "device.hour": _("Joined on one phone within an hour"),
    "device.day": _("Joined on one phone within a day"),
    "device.names": _("The same name, joined on one phone"),
    "block.day": _("Numbers that follow each other, within a day"),
    "block.week": _("Numbers that follow each other, within a week"),
    "link.hour": _("Joined by one link within an hour"),
}
ACTS = {
    "open": _("Opened"),
    "release": _("Released"),
    "ask_refuse": _("Refusal asked for"),
    "refuse": _("Refused"),
    "restore": _("Refusal taken back"),
    "close": _("Closed"),
}
STATES = {
    "held": _("waits"),
    "with": _("a member since before"),
    "released": _("released"),
    "refused": _("refused"),
    "restored": _("taken back"),
}


def evidence_of(case: Any) -> dict[str, Any]:
    """What the case's page shows: which figure, how many, how many are usual, from when to when."""
    found = case.evidence
    return {
        "what": RULES.get(case.rule, ""),
        "count": found.get("count", 0),
        "limit": found.get("limit"),
        "since": parse_datetime(found["since"]) if found.get("since") else None,
        "until": parse_datetime(found["until"]) if found.get("until") else None,
    }
