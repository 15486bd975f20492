"""What is posted in old groups by hand, and what becomes of them."""

from collections.abc import Sequence
from datetime import timedelta

from babel.dates import format_date
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.chatgroups.errors import GroupNotFound
from toli.chatgroups.models import (
    Afterwards,
    Announcement,
    ChatGroup,
    GroupState,
    Migration,
    OldGroup,
    Wave,
)
from toli.chatgroups.policies import runs_group
from toli.chatgroups.services.campaigns import ensure_join_link
from toli.chatgroups.waves import POST
from toli.core import clock
from toli.territories import selectors as territories

DUE_IN = timedelta(hours=24)
CLOSE, REMOVE, SPEAK = "close_group", "remove_group", "late_wave"


def announce(wave: Wave, group_ids: Sequence[int], *, reminder: bool = False) -> None:
    """Ask the admins of old groups to post that their people have a new group. Asks once for each, in all."""
    known = set(wave.announcements.filter(reminder=reminder).values_list("group_id", flat=True))
    groups = ChatGroup.objects.filter(pk__in=set(group_ids) - known).select_related("campaign", "territory")
    now = clock.now()
    orders = []
    for group in groups.order_by("pk"):
        row = Announcement.objects.create(wave=wave, group=group, reminder=reminder, asked_at=now)
        orders.append(
            WorkOrder(
                kind=POST,
                assignee_id=group.admin_id,
                territory_id=group.territory_id,
                subject=f"announcement:{row.pk}",
                due_at=now + DUE_IN,
                details={
                    "announcement_id": row.pk,
                    "group": group.name,
                    "text": announcement_text(group, wave, reminder=reminder),
                    "reminder": reminder,
                },
            )
        )
    assignments.assign_many(orders)


def announcement_text(group: ChatGroup, wave: Wave, *, reminder: bool) -> str:
    """The words for an old group, in its language. The link is Toli's own: it leads each member to their seat."""
    link = ensure_join_link(group.campaign, group.territory)
    with translation.override(language_of(group)):
        if reminder:
            words = _("Some of us have not come to their new group yet. Your place is kept. Please come by %(day)s:")
        else:
            words = _(
                "We are becoming more, so this group is divided: everybody gets the group of their own place. A place "
                "there is kept for you. Tap here and join by %(day)s:"
            )
        day = format_date(localtime(wave.due_at), "d MMMM", locale=translation.get_language() or "en")
        return f"{words % {'day': day}}\n{settings.BASE_URL}/j/{link.code}"


def language_of(group: ChatGroup) -> str:
    """The language of the nearest place that has one, else that of the installation."""
    known = dict(settings.LANGUAGES)
    for place in reversed(territories.ancestors(EVERYWHERE, group.territory)):
        language = str(place.facts.get("language", ""))
        if language in known:
            return language
    return str(settings.LANGUAGE_CODE)


@transaction.atomic
def confirm_posted(*, actor: Actor, announcement_id: int) -> Announcement:
    """The admin has posted it. Safe to repeat. Raises GroupNotFound: also for who does not run the group."""
    found = Announcement.objects.select_for_update(of=("self",)).select_related("group", "wave")
    row = found.filter(pk=announcement_id).first()
    if row is None or not runs_group(actor, row.group):
        raise GroupNotFound
    if row.posted_at is None:
        row.posted_at, row.posted_by_id = clock.now(), actor.id
        row.save(update_fields=["posted_at", "posted_by"])
        _record(actor, row.group, "chatgroups.announce")
    assignments.complete_for_subject(kind=POST, subject=f"announcement:{row.pk}", done_by_id=actor.id)
    return row


def ask_to_close(olds: Sequence[OldGroup], migration: Migration) -> None:
    """Ask the admins of old groups to close them, or to let only admins post in them."""
    now = clock.now()
    assignments.assign_many(
        [
            WorkOrder(
                kind=CLOSE,
                assignee_id=old.group.admin_id,
                territory_id=old.group.territory_id,
                subject=f"oldgroup:{old.pk}",
                due_at=now + DUE_IN,
                details={"old_group_id": old.pk, "group": old.group.name, "afterwards": migration.afterwards},
            )
            for old in olds
        ]
    )
    OldGroup.objects.filter(pk__in=[old.pk for old in olds]).update(asked_at=now)


@transaction.atomic
def confirm_closed(*, actor: Actor, old_group_id: int) -> ChatGroup:
    """The old group is closed, or only its admins can post. Safe to repeat. Raises GroupNotFound."""
    found = OldGroup.objects.select_for_update(of=("self",)).select_related("group", "migration")
    old = found.filter(pk=old_group_id).first()
    if old is None or not runs_group(actor, old.group):
        raise GroupNotFound
    if old.closed_at is None:
        stays = old.migration.afterwards == Afterwards.NEWS
        ChatGroup.objects.filter(pk=old.group_id, taken=0).update(
            state=GroupState.NEWS if stays else GroupState.ARCHIVED
        )
        old.closed_at = clock.now()
        old.save(update_fields=["closed_at"])
        _record(actor, old.group, "chatgroups.keep_for_news" if stays else "chatgroups.close")
    assignments.complete_for_subject(kind=CLOSE, subject=f"oldgroup:{old.pk}", done_by_id=actor.id)
    return old.group


def ask_to_remove(groups: Sequence[ChatGroup]) -> None:
    """Ask the admins of groups that nobody needs any more to delete them on the platform."""
    due_at = clock.now() + DUE_IN
    assignments.assign_many(
        [
            WorkOrder(
                kind=REMOVE,
                assignee_id=group.admin_id,
                territory_id=group.territory_id,
                subject=f"chatgroup:{group.pk}",
                due_at=due_at,
                details={"group_id": group.pk, "group": group.name},
            )
            for group in groups
        ]
    )


@transaction.atomic
def confirm_removed(*, actor: Actor, group_id: int) -> ChatGroup:
    """A group that is in the archive is gone on the platform too. Safe to repeat. Raises GroupNotFound."""
    group = ChatGroup.objects.filter(pk=group_id, state=GroupState.ARCHIVED).first()
    if group is None or not runs_group(actor, group):
        raise GroupNotFound
    subject = f"chatgroup:{group.pk}"
    if assignments.complete_for_subject(kind=REMOVE, subject=subject, done_by_id=actor.id):
        _record(actor, group, "chatgroups.remove")
    return group


def confirm_spoken(*, actor: Actor, subject: str) -> None:
    """Whoever was told about late work has spoken to the person."""
    assignments.complete_for_subject(kind=SPEAK, subject=subject, done_by_id=actor.id)


def _record(actor: Actor, group: ChatGroup, action: str) -> None:
    audit.record_act(actor, action=action, target=f"chatgroup:{group.pk}", territory_id=group.territory_id)
