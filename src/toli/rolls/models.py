"""Rolls of members: who was a member of a territory on a day, certified by an officer."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from toli.members.models import Member, MemberGrade
from toli.territories.models import Territory


class RollState(models.TextChoices):
    DRAFT = "draft", _("drawn up")
    CERTIFIED = "certified", _("certified")
    PUBLISHED = "published", _("published")


class Roll(models.Model):
    """A roll. What it says is settled when it is drawn up; only its state goes on.

    ``known_at``: the moment whose knowledge it rests on. ``places``: ids of the territories that belonged to it then.
    ``salt``: makes the marks of its lines, which stand for nobody in any other roll.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="supplement")
    known_at = models.DateTimeField()
    places = ArrayField(models.BigIntegerField())
    salt = models.BinaryField()
    members = models.PositiveIntegerField()
    active_members = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RollState, default=RollState.DRAFT)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    certified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    certified_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["territory", "day", "version"], name="one_roll_of_a_day"),
            models.CheckConstraint(
                condition=Q(certified_by__isnull=True) | ~Q(certified_by=F("drawn_by")),
                name="roll_certified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", certified_by__isnull=True)
                | (~Q(state="draft") & Q(certified_by__isnull=False)),
                name="roll_certified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"roll {self.pk}"


class RollLine(models.Model):
    """A member in a roll. Erasing the person leaves mark, place, class and commitment, without what they commit to.

    ``card``: the number, as people read it, of the card that they held when the roll was drawn up.
    """

    roll = models.ForeignKey(
        Roll, on_delete=models.PROTECT, related_name="lines", db_index=False
    )  # in both constraints
    number = models.PositiveIntegerField()
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="roll_lines")
    ref = models.CharField(max_length=16, db_collation="C")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+", db_index=False)
    grade = models.CharField(max_length=10, choices=MemberGrade)
    commitment = models.CharField(max_length=64)
    salt = models.BinaryField(null=True)
    name = models.CharField(max_length=120)
    card = models.CharField(max_length=20)
    masked_number = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roll", "number"], name="roll_line_once"),
            models.UniqueConstraint(fields=["roll", "ref"], name="roll_mark_once"),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of roll {self.roll_id}"
