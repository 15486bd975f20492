"""The one family of errors that people see.

A :class:`DomainError` states why something was refused. Its ``kind`` tells each face how to answer
(HTTP status, form error, exit code), its ``code`` is stable and may be matched by programs, and its
message is translated at the moment it is shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import ceil
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ErrorKind(StrEnum):
    """What sort of refusal this is; faces map it to their own language."""

    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"


class DomainError(Exception):
    """A refusal with a stable code and a message for a person.

    Subclasses set ``kind``, ``code`` and ``message`` (a translatable template with named
    placeholders); the values are given as keyword arguments and never hold personal data.
    """

    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    code: ClassVar[str] = "error"
    message: ClassVar[str | Promise] = _("Something went wrong.")

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params: Mapping[str, Any] = params

    def __str__(self) -> str:
        return str(self.message) % self.params


class NotFound(DomainError):
    """There is no such thing where the actor may look; also the answer to 'not yours'."""

    kind = ErrorKind.NOT_FOUND
    code = "not_found"
    message = _("We could not find this. It may have moved, or it may lie outside your area.")


class Conflict(DomainError):
    kind = ErrorKind.CONFLICT
    code = "conflict"
    message = _("Someone changed this in the meantime. Please look again.")


class Forbidden(DomainError):
    kind = ErrorKind.FORBIDDEN
    code = "forbidden"
    message = _("You may not do this.")


class Invalid(DomainError):
    kind = ErrorKind.INVALID
    code = "invalid"
    message = _("Please check what you entered.")


class Unavailable(DomainError):
    kind = ErrorKind.UNAVAILABLE
    code = "unavailable"
    message = _("This is not available just now. Please try again in a few minutes.")


class TooManyRequests(DomainError):
    """Tried too often. ``retry_after``: seconds until the next try is allowed."""

    kind = ErrorKind.TOO_MANY
    code = "too_many_requests"
    title: ClassVar[str | Promise] = _("Too many tries")
    message = _("Too many tries. Please try again in %(minutes)d min.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(retry_after=retry_after, minutes=ceil(retry_after / 60), hours=ceil(retry_after / 3600))
        self.retry_after = retry_after


class PictureTooHeavy(Invalid):
    code = "picture_too_heavy"
    message = _("The picture has more than %(most)d MB. Please choose a smaller one.")


class PictureKindUnknown(Invalid):
    code = "picture_kind_unknown"
    message = _("This is not a JPEG, PNG or WebP picture. Please save it as one of these and try again.")


class PictureMoves(Invalid):
    code = "picture_moves"
    message = _("Moving pictures cannot be used here. Please choose one that stands still.")


class PictureTooBig(Invalid):
    code = "picture_too_big"
    message = _(
        "The picture is %(width)d × %(height)d. At most %(most)d million pixels are taken; please make it smaller."
    )


class PictureBroken(Invalid):
    code = "picture_broken"
    message = _("The picture cannot be opened; it may be damaged. Please choose another.")


class AddressUnfit(Invalid):
    code = "address_unfit"
    message = _("Please write the whole web address, beginning with https:// and without name, password or port.")


class NotFetched(Invalid):
    """The same for every reason: who asks shall not learn what answers inside of our network."""

    code = "not_fetched"
    message = _("Nothing could be fetched from this address. Please save it on your device and send it from there.")
