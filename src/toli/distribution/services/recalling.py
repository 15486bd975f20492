"""Taking a kit back everywhere: what needs nobody's hand at once, the rest by named people, within three hours."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.policies import scope_for
from toli.access.selectors import people_above
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.chatgroups.models import ChatGroup
from toli.content import services as content_services
from toli.core import clock, jobs, wall
from toli.distribution import selectors
from toli.distribution.domain.escalation import RECALL_TERM, Step, pass_on
from toli.distribution.errors import RecallNotFound
from toli.distribution.models import Plan, PlanState, Recall, RecallPlace, RecallState, Relay, RelayState
from toli.distribution.ports import automatic_places
from toli.distribution.services.relaying import cancel_relays
from toli.sharing import selectors as sharing

WITHIN = timedelta(hours=3)
BATCH = 500
PAUSE = timedelta(seconds=30)  # until somebody looks whether the first job finished


@transaction.atomic
def recall_kit(*, actor: Actor, kit_id: int, reason: str) -> Recall:
    """Take a kit back everywhere, in one act.

    When this returns, share pages say that it was withdrawn, nothing of it is sent or asked for any more, and whoever
    posted it is asked by name to delete it. A job deletes what programs posted.

    Raises:
        ReasonMissing. KitNotFound. KitStateWrong.
    """
    content_services.withdraw_kit(actor=actor, kit_id=kit_id, reason=reason)
    return begin_recall(actor=actor, kit_id=kit_id)


@transaction.atomic
@wall.lifted("a kit is taken back wherever it stands")
def begin_recall(*, actor: Actor, kit_id: int) -> Recall:
    """What follows from a withdrawal, whoever made it. Safe to repeat."""
    now = clock.now()
    fields = {"begun_at": now, "deadline_at": now + WITHIN, "begun_by_id": actor.id}
    recall, created = Recall.objects.get_or_create(kit_id=kit_id, defaults=fields)
    if not created:
        return recall
    Plan.objects.filter(kit_id=kit_id, state__in=[PlanState.DRAFT, PlanState.SCHEDULED]).update(
        state=PlanState.CANCELLED
    )
    unsent = cancel_relays(kit_id=kit_id) + sum(places.cancel_unsent(kit_id) for places in automatic_places())
    recall.unsent, recall.share_pages = unsent, sharing.count_links(kit_id)
    recall.save(update_fields=["unsent", "share_pages"])
    _ask_posters(recall)
    audit.record_act(
        actor,
        action="distribution.recall",
        target=f"kit:{kit_id}",
        territory_id=recall.kit.territory_id,
        details={"unsent": unsent, "places": recall.places.count()},
    )
    jobs.enqueue("distribution.recall_automatic", recall_id=recall.pk)
    return recall


def recall_automatic(*, recall_id: int) -> int:
    """Delete what programs posted, and note when the last was dealt with. Returns how many. Safe to repeat.

    Where a platform asks to wait something is left, and :func:`go_on_recalling` comes back for it.
    """
    recall, done = Recall.objects.get(pk=recall_id), 0
    for places in automatic_places():
        while number := places.take_back(recall.kit_id, BATCH):
            done += number
    if any(places.count_left(recall.kit_id) for places in automatic_places()):
        return done
    Recall.objects.filter(pk=recall_id, automatic_done_at__isnull=True).update(automatic_done_at=clock.now())
    return done


def go_on_recalling() -> int:
    """Go on with every recall of which programs' posts are left. Returns how many posts were dealt with."""
    left = Recall.objects.filter(automatic_done_at__isnull=True, begun_at__lt=clock.now() - PAUSE)
    return sum(recall_automatic(recall_id=recall_id) for recall_id in list(left.values_list("pk", flat=True)))


@transaction.atomic
@wall.lifted("whoever posted it answers for it, also where they act no more")
def confirm_gone(*, actor: Actor, place_id: int, deleted: bool = True, reason: str = "") -> RecallPlace:
    """Somebody says that the post is deleted, or that it cannot be, and why. Safe to repeat.

    Raises:
        RecallNotFound: neither asked nor managing the group.
    """
    places = RecallPlace.objects.select_for_update(of=("self",)).select_related("relay__group", "recall")
    place = places.filter(pk=place_id).first()
    if place is None or not _may_answer(actor, place):
        raise RecallNotFound
    if place.state == RecallState.GONE:
        return place
    place.state = RecallState.GONE if deleted else RecallState.STAYS
    place.done_at, place.done_by_id, place.reason = clock.now(), actor.id, reason.strip()[:300]
    place.save(update_fields=["state", "done_at", "done_by", "reason"])
    assignments.complete_for_subject(kind="delete_post", subject=f"recallplace:{place.pk}", done_by_id=actor.id)
    audit.record_act(
        actor,
        action="distribution.gone" if deleted else "distribution.stays",
        target=f"relay:{place.relay_id}",
        territory_id=place.relay.group.territory_id,
    )
    return place


def escalate_recalls() -> int:
    """Ask the next person for every post that should be gone by now. Returns how many. Safe to repeat."""
    done = 0
    while number := _escalate_some():
        done += number
    return done


@transaction.atomic
def _escalate_some() -> int:
    late = RecallPlace.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "relay__group", "recall"
    )
    late = late.filter(state=RecallState.ASKED, due_at__lte=clock.now(), nobody_left=False).order_by("due_at", "pk")
    places = list(late[:BATCH])
    upward = people_above(GROUPS_MANAGE, [place.relay.group.territory_id for place in places])
    passed = [place for place in places if _passed_on(place, upward.get(place.relay.group.territory_id, []))]
    subjects = [f"recallplace:{place.pk}" for place in passed]
    assignments.cancel_for_subjects(kind="delete_post", subjects=subjects)
    _assign(passed)
    return len(places)


def _passed_on(place: RecallPlace, upward: Sequence[int]) -> bool:
    group = place.relay.group
    passed = pass_on(
        admin_id=group.admin_id,
        deputy_id=selectors.deputy_of(group),
        upward=upward,
        before=place.asked_before,
        asked_id=place.person_id,
        now=clock.now(),
    )
    place.nobody_left = passed is None
    if passed:
        place.asked_before, place.person_id = passed.before, passed.account_id
        place.step, place.due_at = passed.step, passed.due_at
    place.save(update_fields=["nobody_left", "asked_before", "person", "step", "due_at"])
    return passed is not None


def _ask_posters(recall: Recall) -> None:
    """Whoever said that they posted it is asked to delete it; the operator posts nothing, the admin is asked then."""
    posted = Relay.objects.filter(kit_id=recall.kit_id, state=RelayState.CONFIRMED).select_related("group")
    due_at = clock.now() + RECALL_TERM
    places = RecallPlace.objects.bulk_create(
        [
            RecallPlace(
                recall=recall,
                relay=relay,
                person_id=relay.confirmed_by_id or relay.group.admin_id,
                step=Step.ADMIN,
                due_at=due_at,
            )
            for relay in posted
        ],
        batch_size=1000,
    )
    _assign(places)


def _assign(places: Sequence[RecallPlace]) -> None:
    assignments.assign_many(
        [
            WorkOrder(
                kind="delete_post",
                assignee_id=place.person_id,
                territory_id=place.relay.group.territory_id,
                subject=f"recallplace:{place.pk}",
                due_at=place.due_at,
                details={"place_id": place.pk, "group": place.relay.group.name, "kit": place.recall.kit.code},
            )
            for place in places
        ]
    )


def _may_answer(actor: Actor, place: RecallPlace) -> bool:
    group = place.relay.group
    if actor.id is not None and actor.id in {place.person_id, group.admin_id, selectors.deputy_of(group)}:
        return True
    return ChatGroup.objects.within(scope_for(actor, GROUPS_MANAGE)).filter(pk=group.pk).exists()
