"""Facts that others may act on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptOutReported:
    """A member told the provider that they want no more of this purpose by this channel; or a citizen, to whom alone
    ``citizen_id`` belongs, that they want no more."""

    member_id: int
    purpose: str
    channel: str
    provider: str
    citizen_id: int | None = None


@dataclass(frozen=True, slots=True)
class StopRequested:
    """From the number of these members, or of a citizen who is none, a word that means stop was written to a sender, in
    ``language``, at ``said_at`` (ISO 8601). ``inbound_id``: what was written, as it is kept."""

    member_ids: tuple[int, ...]
    sender: str
    provider: str
    language: str
    said_at: str
    citizen_id: int | None = None
    inbound_id: int | None = None


@dataclass(frozen=True, slots=True)
class RecipientMissed:
    """A member, or the citizen to whom alone ``citizen_id`` belongs, cannot be reached by this batch's channel;
    ``otherwise``: the batch that may try instead."""

    member_id: int
    batch_id: int
    otherwise: int
    citizen_id: int | None = None


@dataclass(frozen=True, slots=True)
class AddressesExpired:
    """The provider says that these addresses of a channel lead nowhere any more; ``keys`` as its address book has
    them."""

    channel: str
    keys: tuple[str, ...]
