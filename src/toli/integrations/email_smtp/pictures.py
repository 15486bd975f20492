"""Pictures as they lie in messages: written once for all who get the same."""

import asyncio
import base64
import re
from functools import lru_cache

from django.db import connection

from toli.content import selectors as content
from toli.content.errors import PictureNotFound

_ADDRESS = re.compile(r"/m/([0-9a-f]{64})\.jpg$")
_KEPT = 32  # pictures of 100 kB


def name_of(address: str) -> str:
    """The name of a picture of ours that stands at this address; empty: there is none, and the words go alone."""
    found = _ADDRESS.search(address)
    return found[1] if found and written(found[1]) else ""


@lru_cache(maxsize=_KEPT)
def written(name: str) -> str:
    """The picture in lines of base 64; empty: it is not kept any more."""
    try:
        data = content.picture_bytes(name)
    except PictureNotFound:
        return ""
    return base64.encodebytes(data).decode("ascii").rstrip("\n").replace("\n", "\r\n")


async def at_hand(name: str) -> str:
    """The same, from within an event loop: it was read when the message was written, moments ago."""
    return await asyncio.to_thread(_read, name)


def _read(name: str) -> str:
    try:
        return written(name)
    finally:
        connection.close()  # of this thread, and there only where it had to be read again
