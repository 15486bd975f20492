"""What a command says when the database does not play along, instead of a traceback."""

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.utils.translation import gettext as _

_OLD_SHAPE = frozenset({"42P01", "42703", "42883"})  # a table, a column or a function is missing


def explained(error: Exception) -> str:
    """Whose turn it is, in one sentence; empty for what is no trouble with the database."""
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, ProgrammingError) and state in _OLD_SHAPE:
        return _("The database is not of this version's shape. Run: toli migrate")
    if isinstance(error, OperationalError | InterfaceError) and (
        state is None or state[:2] in {"08", "28", "3D", "57"}
    ):
        return _("The database does not answer, or refuses us: %(why)s. Look at TOLI_DATABASE_URL.") % {
            "why": _why(error)
        }
    return ""


def _why(error: Exception) -> str:
    """The driver's first line; it names server and port, and no password."""
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
