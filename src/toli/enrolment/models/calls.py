"""Members drawn by lot to be called, and what they said: whether they asked to be members."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models import Member, MemberSource
from toli.territories.models import Node, Territory


class Outcome(models.TextChoices):
    """What a call brought."""

    CONFIRMED = "confirmed", _("Wants to be a member")
    NOT_ASKED = "not_asked", _("Did not ask to join")
    WRONG = "wrong", _("Another person has this number")
    NOT_REACHED = "not_reached", _("Not reached")


REACHED = (Outcome.CONFIRMED, Outcome.NOT_ASKED, Outcome.WRONG)


class CallSampleQuerySet(models.QuerySet["CallSample"]):
    def within(self, scope: Scope) -> Self:
        """Samples of territories that lie in the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class CallSample(models.Model):
    """Members of a territory drawn by lot, and who calls them.

    ``seed`` was drawn by Toli, ``frame`` holds the ids of everybody who could have been drawn: whoever has both draws
    the same people again (domain/sampling.py). A sample is never thrown away; ``closed_at``: each was called.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=32)
    frame = ArrayField(models.BigIntegerField())
    size = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    caller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = CallSampleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory"], condition=models.Q(closed_at__isnull=True), name="one_open_sample_per_place"
            )
        ]

    def __str__(self) -> str:
        return f"sample {self.pk}"


class CallLine(models.Model):
    """A member of a sample, where they lived and who brought them when they were drawn; and what they said."""

    sample = models.ForeignKey(CallSample, on_delete=models.PROTECT, related_name="lines")
    place = models.PositiveSmallIntegerField()  # in the order of the lot
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=MemberSource)
    enroller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    called_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], name="drawn_once"),
            models.UniqueConstraint(fields=["sample", "place"], name="one_line_per_place_of_the_lot"),
        ]
        indexes = [models.Index(fields=["territory", "outcome"], name="calls_by_place")]
        ordering = ["sample", "place"]

    def __str__(self) -> str:
        return f"call {self.place} of sample {self.sample_id}"

    @property
    def can_be_noted(self) -> bool:
        """Whoever was not reached can be called again; what somebody said stays."""
        return self.outcome in ("", Outcome.NOT_REACHED)
