"""What a check of a card can find."""

from enum import StrEnum


class CardState(StrEnum):
    """Only ``VALID`` opens doors."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FORGED = "forged"
    UNKNOWN = "unknown"
