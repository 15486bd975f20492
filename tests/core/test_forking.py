"""Whoever is forked asks the database by a connection of their own, and leaves their parent's alone."""

import asyncio
import os

import pytest
from django.db import connection


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def backend_of_a_child():
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, str(backend()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        return int(answer.read())


@pytest.mark.django_db
def test_a_child_has_its_own_and_the_parents_goes_on():
    own = backend()
    assert backend_of_a_child() != own
    assert backend() == own


@pytest.mark.django_db
def test_also_of_a_parent_in_which_a_loop_runs():
    own = backend()
    running, loop = asyncio._get_running_loop(), asyncio.new_event_loop()
    asyncio._set_running_loop(loop)  # as a browser driven from a test leaves it
    try:
        assert backend_of_a_child() != own
    finally:
        asyncio._set_running_loop(running)
        loop.close()
