"""Asking the next person when nobody has deleted a post that no program can delete, as with what people posted."""

from collections.abc import Sequence

from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE, PLACES_MANAGE
from toli.access.selectors import people_above
from toli.assignments import services as assignments
from toli.core import clock
from toli.distribution import selectors as distribution
from toli.distribution.domain.escalation import pass_on
from toli.posting import selectors
from toli.posting.domain.states import State
from toli.posting.models import Place, Post
from toli.posting.services.taking_back import DELETE_POST, ask

BATCH = 500


def escalate_deletions() -> int:
    """Ask the next person for every post that should be gone by now. Returns how many. Safe to repeat."""
    done = 0
    while number := _escalate_some():
        done += number
    return done


@transaction.atomic
def _escalate_some() -> int:
    late = Post.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "kit", "place__group__territory", "place__territory"
    )
    late = late.filter(state=State.STAYS, due_at__lte=clock.now(), nobody_left=False).order_by("due_at", "pk")
    posts = list(late[:BATCH])
    passed = [post for post in posts if _passed_on(post, _upward(post.place))]
    assignments.cancel_for_subjects(kind=DELETE_POST, subjects=[f"post:{post.pk}" for post in passed])
    ask(passed)
    return len(posts)


def _upward(place: Place) -> Sequence[int]:
    """Who answers for the place from above: for a group who manages groups, else who keeps accounts; nearest first."""
    home = place.home.pk
    return people_above(GROUPS_MANAGE if place.group_id else PLACES_MANAGE, [home]).get(home, [])


def _passed_on(post: Post, upward: Sequence[int]) -> bool:
    person = selectors.person_of(post.place)
    passed = pass_on(
        admin_id=person,
        deputy_id=distribution.deputy_of(post.place.group) if post.place.group else None,
        upward=upward,
        before=post.asked_before,
        asked_id=post.asked_id or person,
        now=clock.now(),
    )
    post.nobody_left = passed is None  # the work stays with whoever was asked last
    if passed:
        post.asked_before, post.asked_id, post.due_at = passed.before, passed.account_id, passed.due_at
    post.save(update_fields=["asked", "asked_before", "due_at", "nobody_left"])
    return passed is not None
