"""Entries that are likely one person, and entries that were joined."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from toli.members.models.people import Member


class PairState(models.TextChoices):
    OPEN = "open"
    MERGED = "merged"
    APART = "apart"  # somebody said that these are two people: never proposed again


class LikelyPair(models.Model):
    """Two members who are likely one person, until somebody decides. A member whom the undoing of a list takes away
    leaves the row behind for a night: no constraint holds them."""

    first = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    second = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    score = models.PositiveSmallIntegerField()
    reasons = ArrayField(models.CharField(max_length=20))
    state = models.CharField(max_length=10, choices=PairState, default=PairState.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_row_for_each_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_smaller_id_first"),
        ]

    def __str__(self) -> str:
        return f"members {self.first_id} and {self.second_id}"


class Merge(models.Model):
    """An act that joined ``merged`` to ``survivor``; ``words``: pairs of purpose and channel on which the survivor
    got the other's later word, each with what had stood before (null: nothing)."""

    survivor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="merged_by")
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="merged_into_one_member_only"
            )
        ]

    def __str__(self) -> str:
        return f"member {self.merged_id} joined to {self.survivor_id}"
