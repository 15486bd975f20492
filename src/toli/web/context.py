"""What every template may use."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from toli.compliance import selectors


def organisation(request: HttpRequest) -> dict[str, Any]:
    """Who speaks: the organisation, named as such on every page; None also while the database is away,
    so that the page that says so can still be shown."""
    try:
        return {"organisation": selectors.find_organisation()}
    except DatabaseError:
        return {"organisation": None}


def codes(request: HttpRequest) -> dict[str, Any]:
    """Whether codes may arrive in Telegram. The same for everybody: it says nothing about a number."""
    return {"codes_by_telegram": "telegram" in settings.TEXT_SENDER_ORDER}
