"""A phone or computer on which people join, known again by a random mark, so that batches from one are noticed.

The mark says nothing about anybody, is sent to us alone, and is stored only as a keyed hash, for 90 days
(toli.enrolment). Whoever deletes it is counted by their number range and link alone.
"""

import re
import secrets
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"
LIFETIME_SECONDS = 90 * 24 * 3600
_MARK = re.compile(r"[A-Za-z0-9_-]{22}")
AnyResponse = TypeVar("AnyResponse", bound=HttpResponse)


def device_of(request: HttpRequest) -> str:
    """The mark of the browser; a new one is drawn for the first who joins on it."""
    if not hasattr(request, "toli_device"):
        known = request.COOKIES.get(COOKIE, "")
        request.toli_device = known if _MARK.fullmatch(known) else secrets.token_urlsafe(16)  # type: ignore[attr-defined]
    return str(request.toli_device)  # type: ignore[attr-defined]


def remember_device(request: HttpRequest, answer: AnyResponse) -> AnyResponse:
    """The answer, with the mark for next time."""
    answer.set_cookie(
        COOKIE,
        device_of(request),
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer
