"""News about members."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MembersImported:
    """A list has been read to its end."""

    run_id: int


@dataclass(frozen=True, slots=True)
class MemberEnrolled:
    """Someone joined by their own act. ``source_code`` is the share link they came by, or empty."""

    member_id: int
    source_code: str


@dataclass(frozen=True, slots=True)
class MemberMoved:
    """A member lives in another place now; card and seat follow."""

    member_id: int


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Someone left the organisation."""

    member_id: int


@dataclass(frozen=True, slots=True)
class MemberDisowned:
    """The owner of the number says that they never joined; the membership has ended."""

    member_id: int


@dataclass(frozen=True, slots=True)
class MembershipRenewed:
    """A term or a class changed by renewal or promotion: the card says something else now."""

    member_id: int


@dataclass(frozen=True, slots=True)
class MembershipLapsed:
    """The term and its days of grace are over. The member can come back by renewing."""

    member_id: int


@dataclass(frozen=True, slots=True)
class MembersMerged:
    """Two entries were one person: ``merged_id`` is now part of ``survivor_id``."""

    survivor_id: int
    merged_id: int


@dataclass(frozen=True, slots=True)
class MembersParted:
    """They were two people after all: ``merged_id`` is a member again. ``merge_id``: what was taken back."""

    survivor_id: int
    merged_id: int
    merge_id: int
