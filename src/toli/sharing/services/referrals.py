"""People who joined after opening a link."""

from django.db import transaction

from toli.core import clock
from toli.sharing import selectors
from toli.sharing.errors import ShareCodeUnknown
from toli.sharing.models import Conversion


@transaction.atomic
def record_conversion(*, member_id: int, code: str) -> Conversion | None:
    """Credit the link by which a member came; once, never to themselves, never to a code that is unknown."""
    try:
        link = selectors.get_link(code)
    except ShareCodeUnknown:
        return None
    if link.member_id == member_id:
        return None
    conversion, _created = Conversion.objects.get_or_create(
        member_id=member_id, defaults={"link": link, "at": clock.now()}
    )
    return conversion
