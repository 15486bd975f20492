"""The last step of joining, sent twice.

Joining signs the newcomer in, which changes the key of their session. When the answer gets lost on the way, their
phone sends the form again under the old key, and is nobody to us. So the form carries who they are: sealed by us,
good for as long as a network may be away, and only for somebody who has become a member meanwhile.
"""

import base64
import binascii
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from toli.core import clock
from toli.core.crypto import CannotDecrypt, cipher_for
from toli.members import selectors as members

if TYPE_CHECKING:
    from toli.members.models import Member

GOOD_FOR = timedelta(minutes=15)
CONTEXT = "web.join_again"


def seal(state: dict[str, Any]) -> str:
    """Who has proved which number, until when; readable to nobody but us."""
    until = (clock.now() + GOOD_FOR).timestamp()
    plain = json.dumps([state["name"], state["phone"], until])
    return base64.urlsafe_b64encode(cipher_for(CONTEXT).encrypt(plain, row=0)).decode()


def member_of(sealed: str) -> "Member | None":
    """The member that this person has become since the form was shown, or None."""
    try:
        name, phone, until = json.loads(cipher_for(CONTEXT).decrypt(base64.urlsafe_b64decode(sealed[:2000]), row=0))
    except (CannotDecrypt, binascii.Error, ValueError):
        return None
    if clock.now().timestamp() > until:
        return None
    wanted = " ".join(name.split()).casefold()
    shown_at = until - GOOD_FOR.total_seconds()
    found = [member for member in members.find_all_by_phone(phone) if member.name.casefold() == wanted]
    return next((member for member in found if member.created_at.timestamp() >= shown_at), None)
