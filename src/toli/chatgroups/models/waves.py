"""A division that is carried out in waves: the plan that was approved, its waves, and the old groups it empties."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from toli.access.domain.scope import Scope
from toli.chatgroups.models.groups import Campaign, ChatGroup
from toli.territories.models import Level, Node, Territory


class MigrationState(models.TextChoices):
    PLANNED = "planned", _("Waits for approval")
    RUNNING = "running", pgettext_lazy("migration", "Running")
    PAUSED = "paused", _("Paused")
    DONE = "done", pgettext_lazy("migration", "Done")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    DROPPED = "dropped", _("Not carried out")


class Afterwards(models.TextChoices):
    """What becomes of a group when its people have moved."""

    ARCHIVE = "archive", _("It is closed")
    NEWS = "news", _("It stays for announcements")


class MigrationQuerySet(models.QuerySet["Migration"]):
    def within(self, scope: Scope) -> Self:
        """Migrations of territories of the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class Migration(models.Model):
    """``plan_hash`` stands for all that the plan says; ``basis`` for the groups that existed when it was made.

    ``ended_at`` of one that is rolled back: when the last one who could go back had gone back.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="migrations")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    depth = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    depth_before = models.ForeignKey(Level, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=MigrationState, default=MigrationState.PLANNED)
    afterwards = models.CharField(max_length=8, choices=Afterwards, default=Afterwards.ARCHIVE)
    per_person = models.PositiveIntegerField()
    days = models.PositiveIntegerField()
    plan_hash = models.CharField(max_length=64)
    basis = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)  # counts of the plan and their bounds
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    objects = MigrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "territory"],
                condition=Q(state__in=["running", "paused"]),
                name="one_migration_at_a_time",
            ),
            models.CheckConstraint(condition=Q(per_person__gte=1, days__gte=1), name="waves_have_a_size"),
        ]

    def __str__(self) -> str:
        return f"migration {self.pk}"


class WaveState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("wave", "To come")
    RUNNING = "running", pgettext_lazy("wave", "Running")
    DONE = "done", pgettext_lazy("wave", "Done")
    CANCELLED = "cancelled", pgettext_lazy("wave", "Cancelled")


class Wave(models.Model):
    """``new_groups`` are asked for at the same time; ``people`` are planned to move into the groups of the wave."""

    migration = models.ForeignKey(Migration, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=WaveState, default=WaveState.PLANNED)
    new_groups = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["migration", "number"], name="wave_number")]

    def __str__(self) -> str:
        return f"wave {self.number} of {self.migration_id}"


class MigrationGroup(models.Model):
    """One group of the plan. ``group``: the old one that lives on, or the new one once it has been asked for."""

    migration = models.ForeignKey(Migration, on_delete=models.CASCADE, related_name="planned")
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="planned")
    position = models.PositiveIntegerField()
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=420)
    serves = models.JSONField()  # ids of territories
    served_before = models.JSONField(default=list)
    members = models.PositiveIntegerField()
    is_new = models.BooleanField()
    group = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, null=True, related_name="+")
    predecessor = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, null=True, related_name="+")
    admin = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["migration", "position"], name="group_of_plan_once")]
        indexes = [models.Index(fields=["group"], name="plan_by_group")]

    def __str__(self) -> str:
        return self.label


class MigrationMove(models.Model):
    """How many people the plan moves from one group to another."""

    migration = models.ForeignKey(Migration, on_delete=models.CASCADE, related_name="moves")
    old = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, related_name="+")
    new = models.ForeignKey(MigrationGroup, on_delete=models.CASCADE, related_name="arrivals")
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="move_of_plan_once")]

    def __str__(self) -> str:
        return f"{self.people} from {self.old_id} to {self.new_id}"


class OldGroup(models.Model):
    """A group that the migration empties. ``closed_at``: its admin has closed it, or set it to announcements only."""

    migration = models.ForeignKey(Migration, on_delete=models.CASCADE, related_name="old_groups")
    group = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, related_name="emptied_by")
    people = models.PositiveIntegerField()
    emptied_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["migration", "group"], name="old_group_once")]

    def __str__(self) -> str:
        return f"{self.group_id} in {self.migration_id}"


class Announcement(models.Model):
    """What is to be posted in an old group, by hand: that its people have a new group, or the reminder of it."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="announcements")
    group = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, related_name="+")
    reminder = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "group", "reminder"], name="announced_once")]

    def __str__(self) -> str:
        return f"announcement in {self.group_id}"
