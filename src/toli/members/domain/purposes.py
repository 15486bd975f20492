"""What an address may be used for; consent is given and withdrawn for each."""

from enum import StrEnum


class Purpose(StrEnum):
    """``MEMBERSHIP``: card, group, notices about the membership itself. ``CONTENT``: daily material."""

    MEMBERSHIP = "membership"
    CONTENT = "content"


PURPOSES = tuple(purpose.value for purpose in Purpose)
