"""Processor time of this process and of the server's process behind our connection, where it runs on this machine."""

import os
import time
from pathlib import Path

from django.db import connection


def processor_seconds() -> float:
    """Seconds so far. Without a server on this Linux machine, our own alone."""
    return time.process_time() + _server_seconds()


def _server_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL")
        pid, local = cursor.fetchone()
    path = Path(f"/proc/{pid}/stat")
    if not local or not path.exists():
        return 0.0
    facts = path.read_text().rsplit(")", 1)[1].split()  # behind the name of the program, which may hold blanks
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")
