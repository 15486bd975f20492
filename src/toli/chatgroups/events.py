"""News about chat groups."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupOpened:
    """A named person, or the platform, has created the group; members can be sent there."""

    group_id: int


@dataclass(frozen=True, slots=True)
class GroupsDivided:
    """Successors of a territory's groups have been planned and asked for."""

    campaign_id: int
    territory_id: int
