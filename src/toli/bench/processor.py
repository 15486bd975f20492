"""Processor time of this process and of the server's process behind our connection, where it runs on this machine."""

import os
import resource
import time
from collections.abc import Iterable
from pathlib import Path

from django.db import connection


def processor_seconds() -> float:
    """Seconds so far. Without a server on this Linux machine, our own alone."""
    return time.process_time() + _server_seconds()


def of_the_ended() -> float:
    """Seconds of those of our processes that have ended, and of the server's, once those that served ours have."""
    for _try in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            if cursor.fetchone()[0] == 1:
                break
        time.sleep(0.05)
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    served = _facts_of_server()
    parent = _facts(int(served[1])) if served else []
    return own.ru_utime + own.ru_stime + (_seconds(parent[13:15]) if parent else 0.0)


def of_session(leader: int) -> float:
    """Seconds of all processes that run in this session, those of them that ended in it included."""
    return sum(_seconds(facts[11:15]) for facts in _everybody() if int(facts[3]) == leader)


def of_database() -> float:
    """Seconds of the whole database server, where it runs on this machine."""
    served = _facts_of_server()
    if not served:
        return 0.0
    parent = int(served[1])
    return _seconds(_facts(parent)[11:15]) + sum(_seconds(f[11:13]) for f in _everybody() if int(f[1]) == parent)


def _everybody() -> list[list[str]]:
    found = [_facts(int(folder.name)) for folder in Path("/proc").glob("[0-9]*")]
    return [facts for facts in found if facts]


def _server_seconds() -> float:
    return _seconds(_facts_of_server()[11:13])


def _facts_of_server() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL")
        pid, local = cursor.fetchone()
    return _facts(pid) if local else []


def _facts(pid: int) -> list[str]:
    """What the kernel tells of a process, from its state on; nothing, where it is not one of this machine's."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return told.rsplit(")", 1)[1].split()  # names of programs may hold blanks


def _seconds(ticks: Iterable[str]) -> float:
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
