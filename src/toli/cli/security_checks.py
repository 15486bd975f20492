"""Is the installation as closed as it should be: a line for each, with how to mend it.

What only matters to others is not asked of an installation for trying out, whose address is this machine itself.
What Toli cannot see, such as a backup that somebody else makes, is told to it by touching a file in
``TOLI_VAR_DIR/done``.
"""

import ipaddress
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toli.audit import selectors as audit
from toli.audit.selectors import Sought
from toli.cli.findings import Finding
from toli.core import clock, rotation
from toli.members import services as members

KEY_DAYS = 400  # a year, and some weeks to find the time
DONE_EVERY = timedelta(hours=48)  # daily, and one that failed
OTHERS = 0o077


def of_settings() -> Iterator[Finding]:
    """What can be seen without the database."""
    yield _user()
    yield _debug()
    yield _address()
    yield _files()
    yield _done(
        "security.heads",
        settings.DONE_DIR / "heads",
        _("the heads file was copied to another machine"),
        _("Copy audit/heads.jsonl to another machine every day, and then: touch %(file)s"),
    )
    yield _done(
        "security.backup",
        settings.DONE_DIR / "backup",
        _("a backup of the database was made"),
        _("Back up every day, and then: touch %(file)s. See docs/howto/deploy.md."),
    )


def of_data() -> Iterator[Finding]:
    """What the database tells."""
    yield _age("security.keys", "key", "toli key rotate")
    yield _age("security.index_keys", "index-key", "toli key rotate --index")
    yield _under_lost_keys()


def for_trying() -> bool:
    """Whether the installation's address is this machine: nobody else can reach it by that."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _user() -> Finding:
    root = os.geteuid() == 0
    seen = _("runs as root") if root else _("runs as a user of its own")
    return Finding("security.user", for_trying() or not root, seen, _("Make a user for Toli: docs/howto/deploy.md."))


def _debug() -> Finding:
    seen = _("error pages show the inside") if settings.DEBUG else _("error pages show nothing of the inside")
    return Finding("security.debug", for_trying() or not settings.DEBUG, seen, _("Unset TOLI_DEBUG and restart."))


def _address() -> Finding:
    if for_trying():
        return Finding("security.address", True, _("%(url)s, for trying out") % {"url": settings.BASE_URL})
    if not settings.BASE_URL.startswith("https:"):
        mend = _("Put a proxy that speaks TLS in front and write https into TOLI_BASE_URL: docs/howto/deploy.md.")
        return Finding("security.address", False, settings.BASE_URL, mend)
    mend = _("Name the proxy in TOLI_TRUSTED_PROXIES: without it all visitors count as one.")
    return Finding("security.address", bool(settings.TRUSTED_PROXIES), settings.BASE_URL, mend)


def _files() -> Finding:
    folders = (settings.AUDIT_DIR, settings.RIGHTS_DIR, settings.EXPORTS_DIR, settings.OUTBOX_DIR)
    private = [settings.VAR_DIR / "secrets.json", *map(Path, folders)]
    open_ = [path for path in private if path.exists() and _is_open(path)]
    if not open_:
        return Finding("security.files", True, _("files with secrets and personal data are closed to other users"))
    names = " ".join(str(path) for path in open_)
    seen = _("open to other users: %(names)s") % {"names": names}
    return Finding("security.files", False, seen, f"chmod -R go= {names}")


def _is_open(path: Path) -> bool:
    """Whether another user can read it, or something in it."""
    if not path.stat().st_mode & OTHERS:
        return False
    return path.is_file() or any(file.stat().st_mode & OTHERS for file in path.rglob("*") if file.is_file())


def _done(check: str, mark: Path, what: str, mend: str) -> Finding:
    """Whether something that only the operator's own script can know was done in time."""
    mend %= {"file": mark}
    if not mark.exists():
        return Finding(check, for_trying(), _("%(what)s: never, as far as Toli knows") % {"what": what}, mend)
    at = datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    late = clock.now() - at > DONE_EVERY
    seen = _("%(what)s: %(at)s") % {"what": what, "at": f"{at:%Y-%m-%d %H:%M} UTC"}
    return Finding(check, for_trying() or not late, seen, mend)


def _age(check: str, kind: str, mend: str) -> Finding:
    """How long the newest key of a kind is in use: since it was added, or since the installation began."""
    added = audit.entries(Sought(action="keys.add", target=kind)).order_by("-at").values_list("at", flat=True).first()
    days = (clock.now() - (added or _began())).days
    seen = ngettext("in use for %(days)d day", "in use for %(days)d days", days) % {"days": days}
    return Finding(check, days <= KEY_DAYS, seen, mend)


def _began() -> datetime:
    applied = MigrationRecorder(connection).migration_qs
    first: datetime = applied.order_by("applied").values_list("applied", flat=True)[0]
    return first


def _under_lost_keys() -> Finding:
    """Rows under a key that is not in the file: after restoring one of the two without the other."""
    check, mend = "security.lost_keys", _("Put back the secrets file that belongs to this database.")
    lost = sum(_beyond(settings.TOLI_FIELD_KEYS, counts) for counts in rotation.versions().values())
    if not lost:
        lost = _beyond(settings.TOLI_INDEX_KEYS, members.index_versions()[members.NUMBERS])
        mend = "toli key rotate --index"
    seen = _("everything is stored under keys that are in the secrets file")
    if lost:
        seen = ngettext("%(count)d row is under a lost key", "%(count)d rows are under lost keys", lost)
        seen %= {"count": lost}
    return Finding(check, not lost, seen, mend)


def _beyond(keys: Mapping[int, bytes], counts: Mapping[int, int]) -> int:
    return sum(count for version, count in counts.items() if version not in keys)
