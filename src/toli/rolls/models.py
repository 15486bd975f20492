"""Rolls of members: who was a member of a territory on a day, certified by an officer."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from toli.members.models import Member, MemberGrade
from toli.territories.models import Territory


class RollState(models.TextChoices):
    DRAFT = "draft", _("drawn up")
    CERTIFIED = "certified", _("certified")
    PUBLISHED = "published", _("published")


class Roll(models.Model):
    """A roll. What it says is settled when it is drawn up; only its state goes on.

    ``known_at``: the moment whose knowledge it rests on. ``places``: ids of the territories that belonged to it then.
    ``salt``: makes the marks of its lines, which stand for nobody in any other roll. ``challenges_until``: the last day
    on which somebody can object to it.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="following")
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
    challenges_until = models.DateField(null=True)

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


class ChallengeKind(models.TextChoices):
    """What is said to be wrong with a roll."""

    MISSING = "missing", _("Does not stand in it, and should")
    WRONGLY = "wrongly", _("Stands in it, and should not")
    OTHER = "other", _("Stands in it with a wrong place or class")


class ChallengeState(models.TextChoices):
    OPEN = "open", pgettext_lazy("challenge", "waits for a decision")
    ACCEPTED = "accepted", pgettext_lazy("challenge", "accepted")
    REFUSED = "refused", pgettext_lazy("challenge", "refused")


class Supplement(models.Model):
    """What accepted challenges change in a roll, numbered, its hash holding those of all before. Never changed."""

    roll = models.ForeignKey(Roll, on_delete=models.PROTECT, related_name="supplements", db_index=False)
    number = models.PositiveSmallIntegerField()
    previous_hash = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["roll", "number"], name="one_supplement_of_a_number")]

    def __str__(self) -> str:
        return f"supplement {self.number} of roll {self.roll_id}"


class Challenge(models.Model):
    """Somebody's objection to an entry of a roll, or to a missing one, and what was decided.

    ``ref``: the mark of the member concerned. ``raised_by``: nobody where the member objected themselves. ``territory``
    and ``grade``: what should stand there; once accepted, what the supplement says, as the commitment to the
    particulars beside it. Erasing the member leaves what the supplement's hash rests on.
    """

    roll = models.ForeignKey(Roll, on_delete=models.PROTECT, related_name="challenges")
    kind = models.CharField(max_length=10, choices=ChallengeKind)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="roll_challenges")
    ref = models.CharField(max_length=16, db_collation="C")
    reason = models.CharField(max_length=500)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ChallengeState, default=ChallengeState.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when the member concerned was written to
    note = models.CharField(max_length=500, blank=True)
    supplement = models.ForeignKey(Supplement, on_delete=models.PROTECT, null=True, related_name="entries")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    grade = models.CharField(max_length=10, choices=MemberGrade, blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    salt = models.BinaryField(null=True)
    name = models.CharField(max_length=120, blank=True)
    card = models.CharField(max_length=20, blank=True)
    masked_number = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roll", "ref"], condition=Q(state="open"), name="one_open_challenge"),
            models.UniqueConstraint(
                fields=["roll", "ref"],
                condition=Q(state="accepted", supplement__isnull=True),
                name="one_accepted_challenge_waits",
            ),
            models.UniqueConstraint(fields=["supplement", "ref"], name="one_entry_of_a_mark"),
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True) | (~Q(state="open") & Q(decided_by__isnull=False)),
                name="challenge_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(raised_by__isnull=True) | Q(decided_by__isnull=True) | ~Q(decided_by=F("raised_by")),
                name="challenge_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(supplement__isnull=True) | Q(state="accepted"), name="supplement_of_the_accepted"
            ),
        ]

    def __str__(self) -> str:
        return f"challenge {self.pk} of roll {self.roll_id}"
