"""What every template may use."""

from typing import Any

from django.http import HttpRequest

from toli.compliance import selectors


def organisation(request: HttpRequest) -> dict[str, Any]:
    """Who speaks: the organisation, named as such on every page."""
    return {"organisation": selectors.find_organisation()}
