"""Django's session engine on our own table: sessions that can be listed and ended, and are worth nothing stolen.

Sessions are looked up before anybody is known, hence before the second wall has an area: the wall is lifted
for that. What is looked up is the hash of a secret that only the visitor's cookie holds.
"""

import os
from contextlib import AbstractContextManager
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core.signing import JSONSerializer
from django.db import IntegrityError, transaction

from toli.accounts.domain import sessions as rules
from toli.accounts.models import Account, Session
from toli.core import clock, wall

_NONCE = 12


class SessionStore(SessionBase):
    """What ``request.session`` is."""

    def load(self) -> dict[str, Any]:
        with _unwalled():
            row = _find(str(self.session_key))
            if row is not None:
                _note_seen(row)
        if row is None:
            self._session_key = None
            return {}
        return self.unsealed(bytes(row.content))

    def exists(self, session_key: str) -> bool:
        with _unwalled():
            return Session.objects.filter(key=rules.stored_key(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def cycle_key(self) -> None:
        """A new key for the same session: nobody who knew the old one comes along."""
        data, before = self._session, self.session_key  # type: ignore[attr-defined]
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        values = {"key": rules.stored_key(str(self.session_key)), "content": self.sealed(data)}
        with _unwalled():
            moved = Session.objects.filter(key=rules.stored_key(before or "")).update(**values)
        if not moved:
            self.create()
            self._session_cache = data
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        with _unwalled(), transaction.atomic():
            if must_create:
                self._insert(self.sealed(data), account_id)
            else:
                self._update(self.sealed(data), account_id)
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            with _unwalled():
                Session.objects.filter(key=rules.stored_key(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        with _unwalled():
            Session.objects.filter(ends_at__lte=clock.now()).delete()

    def sealed(self, content: dict[str, Any]) -> bytes:
        """The content, encrypted under the cookie's key."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, JSONSerializer().dumps(content), None)

    def unsealed(self, blob: bytes) -> dict[str, Any]:
        """The content again; empty when somebody changed the row: what is left is a visitor."""
        try:
            plain = self._cipher().decrypt(blob[:_NONCE], blob[_NONCE:], None)
        except (InvalidTag, ValueError):
            return {}
        content: dict[str, Any] = JSONSerializer().loads(plain)
        return content

    def _cipher(self) -> AESGCM:
        return AESGCM(rules.content_key(str(self.session_key)))

    def _insert(self, content: bytes, account_id: int | None) -> None:
        key = rules.stored_key(str(self.session_key))
        try:
            with transaction.atomic():
                Session.objects.create(key=key, content=content, **_beginning(account_id))
        except IntegrityError as error:
            raise CreateError from error

    def _update(self, content: bytes, account_id: int | None) -> None:
        row = Session.objects.select_for_update().filter(key=rules.stored_key(str(self.session_key))).first()
        if row is None:
            raise UpdateError  # it was revoked while this request ran
        changed = {"content": content}
        if row.account_id != account_id:
            changed |= _beginning(account_id)
        Session.objects.filter(pk=row.pk).update(**changed)


def _unwalled() -> AbstractContextManager[None]:
    return wall.lifted("a session is found by the hash of its cookie's key, before anybody is known")


def _find(session_key: str) -> Session | None:
    return Session.objects.filter(key=rules.stored_key(session_key), ends_at__gt=clock.now()).first()


def _beginning(account_id: int | None) -> dict[str, Any]:
    """The columns of a session that begins now, for this account or for a visitor."""
    now = clock.now()
    kind = Account.objects.values_list("kind", flat=True).get(pk=account_id) if account_id else None
    until = rules.ends_at(kind, began_at=now, seen_at=now) if kind else now + rules.VISIT
    return {"account_id": account_id, "created_at": now, "last_seen_at": now, "ends_at": until, "proved_at": None}


def _note_seen(row: Session) -> None:
    """Write down that the session is used, but not with every request."""
    now = clock.now()
    if row.account_id is None or now - row.last_seen_at < rules.SEEN_EVERY:
        return
    kind = Account.objects.values_list("kind", flat=True).get(pk=row.account_id)
    until = rules.ends_at(kind, began_at=row.created_at, seen_at=now)
    Session.objects.filter(pk=row.pk).update(last_seen_at=now, ends_at=until)
