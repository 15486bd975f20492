"""The organisation's own places on platforms, and what a program posts there."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from toli.access.domain.scope import Scope
from toli.chatgroups.models import ChatGroup, GroupTerritory
from toli.content.models import Kit
from toli.distribution.models import Plan
from toli.posting.domain.states import State
from toli.territories.models import Node, Territory


class PlaceState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("account", "Active")
    PAUSED = "paused", pgettext_lazy("account", "Paused")
    OFF = "off", pgettext_lazy("account", "Off")


class PlaceQuerySet(models.QuerySet["Place"]):
    def within(self, scope: Scope) -> Self:
        """Places of territories in the scope, and groups that serve one."""
        if scope.everywhere:
            return self
        inside = Node.objects.within_paths(scope.paths).values("territory_id")
        serving = GroupTerritory.objects.filter(territory_id__in=inside).values("group_id")
        return self.filter(Q(territory_id__in=inside) | Q(group_id__in=serving))


class Place(models.Model):
    """A page, channel, account or group that a program posts to.

    A ``group`` has its name, its places and its people in the registry of groups; everything else has a ``name``, a
    ``territory`` and a ``person`` of its own, who is asked to do by hand what no program can. ``config`` holds what
    everybody may know; secrets are sealed. ``next_at``: not before then. ``reason``: why it is paused, a stable word.
    ``quota_used`` of ``quota_total``: as the platform told it at ``quota_at``.
    """

    provider = models.CharField(max_length=30)
    name = models.CharField(max_length=80, blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, related_name="+")
    group = models.OneToOneField(ChatGroup, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=10, blank=True)
    config = models.JSONField(default=dict)
    secrets_sealed = models.BinaryField(default=b"")
    state = models.CharField(max_length=10, choices=PlaceState, default=PlaceState.ACTIVE)
    reason = models.CharField(max_length=40, blank=True)
    next_at = models.DateTimeField()
    quota_used = models.PositiveIntegerField(null=True)
    quota_total = models.PositiveIntegerField(null=True)
    quota_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(group__isnull=False, territory__isnull=True, person__isnull=True)
                | (Q(group__isnull=True, territory__isnull=False, person__isnull=False) & ~Q(name="")),
                name="place_is_a_group_or_stands_alone",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What people call it."""
        return self.group.name if self.group else self.name

    @property
    def home(self) -> Territory:
        """Where it belongs."""
        found = self.group.territory if self.group else self.territory
        assert found is not None  # noqa: S101 the table's own rule
        return found


class Post(models.Model):
    """One kit in one place; without a ``kit`` it is a test. The words are put together when it is sent.

    ``recalled_at``: since then it is to be deleted. ``worker`` and ``lease_until`` belong to whoever holds it.
    ``reason``: why it is in this state, a stable word or the platform's own code; ``rule``: the law that held it back.
    ``progress_sealed``: what was begun and cannot be seen yet.
    ``ref`` and ``address``: what the platform calls it, and where people see it. Of one that no program can delete:
    ``asked`` has until ``due_at`` to do it by hand; ``nobody_left``: whoever could be asked has been.
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="posts", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, null=True, related_name="+")
    language = models.CharField(max_length=10)
    variant = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=[(item.value, item.value) for item in State], default=State.QUEUED)
    reason = models.CharField(max_length=80, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=40, blank=True)
    progress_sealed = models.BinaryField(default=b"")
    ref = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ready_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_before = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    nobody_left = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "kit"], name="one_post_per_kit_and_place"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="post_in_sending_has_a_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["place", "ready_at", "id"], name="post_waiting", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="post_held", condition=Q(state="sending")),
            models.Index(
                fields=["ready_at"], name="post_to_delete", condition=Q(state="posted", recalled_at__isnull=False)
            ),
            models.Index(fields=["due_at"], name="post_asked_for", condition=Q(state="stays", nobody_left=False)),
        ]

    def __str__(self) -> str:
        return f"post {self.pk}"
