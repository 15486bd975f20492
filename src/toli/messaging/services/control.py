"""Whether anything is sent at all. A database that comes from a backup sends nothing until somebody says so.

How far dispatch has come is written down in two places: in the database, as a sequence, and in a file beside it
(``var/messaging``). A database that is behind the file was put back to an earlier time, and holds messages that went
out since then; one that the file does not know was brought here from elsewhere. Both come up paused.
"""

import contextlib
import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core.errors import Forbidden
from toli.messaging.models import Control
from toli.messaging.ports import queues

SEQUENCE = "messaging_dispatch_serial"
RESTORED, STRANGE, BY_HAND = "restored", "another_database", "by_hand"


@dataclass(frozen=True, slots=True)
class Standing:
    """``paused``: why nothing is sent, as a stable word; empty while messages are sent."""

    paused: str
    serial: int
    known: int


def standing() -> Standing:
    """How dispatch stands on this machine."""
    control, serial, mark = *_control_and_serial(), _read()
    known = int(mark.get("serial", 0)) if mark else 0
    return Standing(control.paused or _suspicion(control, serial, mark), serial, known)


def require_sending() -> str:
    """Why nothing may be sent from here, or an empty text. Where nothing was ever sent, this is where it begins."""
    found = standing()
    if not found.paused and _read() is None:
        note(found.serial)
    return found.paused


def note(serial: int) -> None:
    """Write down how far dispatch has come. Called after the intent is on disk and before the first call."""
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = _read() or {}
        known = int(mark.get("serial", 0)) if mark.get("identity") == _identity() else 0
        if serial >= known:
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps({"identity": _identity(), "serial": serial}))
            fresh.replace(path)


@transaction.atomic
def pause(*, actor: Actor, reason: str = BY_HAND) -> None:
    """Send nothing more, on any machine, until somebody resumes. Forbidden for everybody but the operator."""
    _require_operator(actor)
    _control()
    Control.objects.filter(pk=1).update(paused=reason)
    audit.record_act(actor, action="delivery.pause", target="delivery:1", details={"reason": reason})


@transaction.atomic
def resume(*, actor: Actor, cancel_queued: bool = False) -> int:
    """Send again, from what this database knows. Returns how many messages and posts were called off.

    ``cancel_queued``: what is queued now is called off, as it may have gone out after the backup was made.
    """
    _require_operator(actor)
    cancelled = 0
    if cancel_queued:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE messaging_message SET state = 'cancelled', reason = 'restored', ended_at = clock_timestamp()"
                " WHERE state = 'queued'"
            )
            cancelled = int(cursor.rowcount) + sum(queue.cancel_queued() for queue in queues())
    _control()
    Control.objects.filter(pk=1).update(paused="")
    _path().unlink(missing_ok=True)
    note(_serial())
    audit.record_act(actor, action="delivery.resume", target="delivery:1", details={"cancelled": cancelled})
    return cancelled


def _suspicion(control: Control, serial: int, mark: dict[str, Any] | None) -> str:
    if mark is None:
        return STRANGE if serial > 0 else ""
    if mark.get("identity") != str(control.identity):
        return STRANGE
    return RESTORED if serial < int(mark.get("serial", 0)) else ""


def _control_and_serial() -> tuple[Control, int]:
    """Both in one statement: each batch asks."""
    reached = f"(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {SEQUENCE})"  # noqa: S608 a name of ours
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT identity, paused, {reached} FROM messaging_control WHERE id = 1")  # noqa: S608 the same
        found = cursor.fetchone()
    return (Control(1, found[0], found[1]), int(found[2])) if found else (_control(), _serial())


def _control() -> Control:
    return Control.objects.get_or_create(pk=1)[0]


_known_identity: dict[str, str] = {}


def _identity() -> str:
    name = connection.settings_dict["NAME"]
    if name not in _known_identity:
        _known_identity[name] = str(_control().identity)
    return _known_identity[name]


def forget_identity() -> None:
    """Ask the database again which it is."""
    _known_identity.clear()


def _serial() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value, is_called FROM {SEQUENCE}")  # noqa: S608 a name of ours
        value, called = cursor.fetchone()
    return int(value) if called else 0


def _path() -> Path:
    return Path(settings.MESSAGING_DIR) / "dispatched.json"


def _read() -> dict[str, Any] | None:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(_path().read_text())
        return found if isinstance(found, dict) else None
    return None


def _require_operator(actor: Actor) -> None:
    if not actor.is_system:
        raise Forbidden
