"""The organisation that runs this installation, and the rules that hold where and when it speaks."""

from datetime import time
from typing import Self

from django.db import models
from django.db.models import F, Q

from toli.access.domain.scope import Scope
from toli.territories.models import Node, Territory


class OrganisationKind(models.TextChoices):
    """The kind decides which channels may be used at all (compliance/domain/channels.py)."""

    POLITICAL = "political"
    UNION = "union"
    COOPERATIVE = "cooperative"
    NGO = "ngo"


class Organisation(models.Model):
    """One row (one organisation, one database).

    ``quiet_from`` to ``quiet_until``: nobody is disturbed, by the clocks where they live; the same time
    twice: never. ``two_people``: whoever wrote a kit cannot approve it.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    imprint_en = models.CharField(max_length=300)
    imprint_hi = models.CharField(max_length=300)
    privacy_contact = models.CharField(max_length=120)
    brand_colour = models.CharField(max_length=7, default="#0e5566")
    quiet_from = models.TimeField(default=time(21))
    quiet_until = models.TimeField(default=time(8))
    two_people = models.BooleanField(default=True)
    sms_templates_needed = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_organisation")]

    def __str__(self) -> str:
        return self.name_en

    def label(self, language: str) -> str:
        """The name in ``language``; English where Hindi is missing."""
        return self.name_hi if language == "hi" and self.name_hi else self.name_en

    def imprint(self, language: str) -> str:
        """Publisher and address in ``language``."""
        return self.imprint_hi if language == "hi" else self.imprint_en


class Election(models.Model):
    """An election: from ``announced_at`` to its last close of poll material may need a certificate."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    announced_at = models.DateTimeField()
    silence_hours = models.PositiveSmallIntegerField(default=48)
    needs_certificate = models.BooleanField(default=True)

    class Meta:
        ordering = ["-announced_at"]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str) -> str:
        """The name in ``language``; English where Hindi is missing."""
        return self.name_hi if language == "hi" and self.name_hi else self.name_en


class PollingArea(models.Model):
    """Where people vote in one phase, and the hour of the close of poll there. Holds for everything below it."""

    election = models.ForeignKey(Election, on_delete=models.CASCADE, related_name="polls")
    phase = models.PositiveSmallIntegerField(default=1)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["closes_at", "territory__code"]
        constraints = [
            models.UniqueConstraint(fields=["election", "territory"], name="one_poll_per_area"),
            models.CheckConstraint(condition=Q(phase__gte=1), name="phases_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.election_id} in {self.territory_id}"


class KitClearance(models.Model):
    """What the passport of a kit says that matters when it is sent. Written when the kit is approved or changes.

    ``kit_id`` is the kit's number; kits belong to a context above this one.
    """

    kit_id = models.BigIntegerField(primary_key=True)
    certificate_number = models.CharField(max_length=60, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="clearance_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return f"kit {self.kit_id}"


class SmsTemplate(models.Model):
    """A text registered with the telephone companies. Without one a message by SMS is refused."""

    code = models.SlugField(max_length=60, unique=True)
    registered_id = models.CharField(max_length=40)
    header = models.CharField(max_length=11)
    text = models.CharField(max_length=1000)
    valid_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.code


class RefusalQuerySet(models.QuerySet["SendingRefusal"]):
    def within(self, scope: Scope) -> Self:
        """Refusals for places of the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class SendingRefusal(models.Model):
    """How many sendings of one batch a rule refused for one place. Rows are added only, so nobody waits for anybody."""

    refused_at = models.DateTimeField(db_index=True)
    rule = models.CharField(max_length=40)
    channel = models.CharField(max_length=40)
    purpose = models.CharField(max_length=20)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, related_name="+")
    kit_id = models.BigIntegerField(null=True, db_index=True)
    count = models.PositiveIntegerField()

    objects = RefusalQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.count} by {self.rule}"
