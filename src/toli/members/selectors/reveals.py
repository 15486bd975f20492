"""Who looked at members' numbers."""

from toli.members.models import (
    Member,
    Reveal,
    RevealReason,
)


def reveal_reasons() -> list[tuple[str, str]]:
    """Why a full number may be looked at: code, and words in the language of the page; nothing chosen first."""
    return [("", ""), *((reason.value, str(reason.label)) for reason in RevealReason)]


def reveals_of(member: Member, *, limit: int = 50) -> list[Reveal]:
    """Who looked at the member's number, the latest first."""
    return list(member.reveals.select_related("account", "role").order_by("-at", "-pk")[:limit])
