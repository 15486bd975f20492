"""Members prove once more that they hold their telephone, before they take all their data out."""

from toli.accounts import services as accounts
from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sessions import Method
from toli.core import wall
from toli.core.errors import Forbidden
from toli.members import selectors
from toli.members.errors import PhoneMissing

PURPOSE = "confirm"


def send_confirmation(*, actor: Actor) -> None:
    """Send the member who acts a code to their own number.

    Raises:
        Forbidden: it is no member. PhoneMissing. TooManyRequests. Unavailable.
    """
    accounts.request_code(phone=_own_number(actor), purpose=PURPOSE, language=actor.language, address=actor.address)


def confirm(*, actor: Actor, session_key: str, code: str) -> None:
    """Accept that code: whoever sits at this session holds the member's telephone. Not inside a transaction.

    Raises:
        Forbidden. PhoneMissing. CodeWrong. CodeExpired. TooManyRequests. SessionNotFound.
    """
    accounts.verify_code(phone=_own_number(actor), purpose=PURPOSE, code=code, address=actor.address)
    with wall.lifted("the member's own session, outside of the page's transaction"):
        accounts.prove_session(actor=actor, session_key=session_key, method=Method.CODE)


@wall.lifted("the member's own number, for a code that goes to it")
def _own_number(actor: Actor) -> str:
    member = selectors.member_of(actor)
    if member is None:
        raise Forbidden
    number = selectors.plain_phones([member.pk]).get(member.pk)
    if number is None:
        raise PhoneMissing
    return number
