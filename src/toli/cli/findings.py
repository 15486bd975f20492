"""What a check of the installation found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its stable name, whether it passed, what was seen and what to do."""

    check: str
    ok: bool
    seen: str
    mend: str = ""
