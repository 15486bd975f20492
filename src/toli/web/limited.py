"""Limits of pages: how often, by the visitor's address, and how much. The figures of how often are declared in
core/domain/limits.py."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from toli.core import limits
from toli.core.domain.limits import LIMITS, network_of
from toli.web.client import client_address

View = Callable[..., HttpResponse]
FORMS = ("POST",)


def visitor_of(request: HttpRequest) -> str:
    """What the visitor's address counts as: an IPv6 /64, an IPv4 address."""
    return network_of(client_address(request))


def limited(
    name: str, limit: int | None = None, per: timedelta | None = None, *, methods: tuple[str, ...] = FORMS
) -> Callable[[View], View]:
    """Count the requests of a page by address; too many are answered with 429 and Retry-After.

    Forms that are sent count; a page that only shows something does not, unless ``methods`` says so.
    Stands below ``@public_page`` and the like, so that what they declare is kept.
    """
    declare = counted(name) if "POST" in methods else counted()

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                limits.hit(name, visitor_of(request), limit=limit, per=per)
            return view(request, *args, **kwargs)

        return declare(guarded)

    return decorate


def counted(*names: str) -> Callable[[View], View]:
    """Declare which limits a page's forms meet, where they are counted further inside. See ``@public_page``.

    Raises:
        KeyError: there is no such limit.
    """

    def decorate(view: View) -> View:
        view.limits = tuple(LIMITS[name].name for name in names)  # type: ignore[attr-defined]
        return view

    return decorate


def takes_files(most_bytes: int) -> Callable[[View], View]:
    """Let forms of this page carry files of so many bytes. All others take no more than a few texts need."""

    def decorate(view: View) -> View:
        view.most_bytes = most_bytes + settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # type: ignore[attr-defined]
        return view

    return decorate
