"""What members ask for about their membership."""

from django.db.models import QuerySet

from toli.access.domain.scope import Scope
from toli.enrolment.errors import WishNotFound
from toli.enrolment.models import Wish, WishState
from toli.members.models import MemberState


def open_wishes(scope: Scope) -> QuerySet[Wish]:
    """Wishes that somebody of the scope has to answer, the oldest first."""
    found = Wish.objects.within(scope).filter(state=WishState.OPEN, member__state=MemberState.ACTIVE)
    return _joined(found).order_by("asked_at", "pk")


def get_wish(scope: Scope, wish_id: int) -> Wish:
    """The wish. Raises WishNotFound, also when it is decided elsewhere."""
    found = _joined(Wish.objects.within(scope)).filter(pk=wish_id).first()
    if found is None:
        raise WishNotFound
    return found


def wishes_of(member_id: int) -> list[Wish]:
    """The member's own wishes, the latest first."""
    return list(_joined(Wish.objects.filter(member_id=member_id)).order_by("-asked_at", "-pk")[:20])


def _joined(found: QuerySet[Wish]) -> QuerySet[Wish]:
    return found.select_related("member", "territory__level", "left__level", "decided_by")
