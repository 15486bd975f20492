"""What may hold an entry before the person is asked. Whoever watches the speed of enrolling registers a check here."""

from collections.abc import Callable

from toli.enrolment.models import Application

Check = Callable[[Application, str], str]  # the entry, not stored yet, and the number (E.164) -> a reason, or ""
_checks: list[Check] = []


def hold_when(check: Check) -> Check:
    """Ask ``check`` about every entry that would be taken. Its answer, a stable word, holds the entry."""
    if check not in _checks:
        _checks.append(check)
    return check


def reason_to_hold(application: Application, number: str) -> str:
    """The first reason that a check gives; empty: nothing speaks against it."""
    return next((reason for check in _checks if (reason := check(application, number))), "")
