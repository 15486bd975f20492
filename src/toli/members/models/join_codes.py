"""Ways to join that are printed or passed on, and how many people came how far by them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.members.models.drives import Drive
from toli.members.models.people import Member
from toli.territories.models import Territory


class Source(models.TextChoices):
    """How somebody came to the first step of joining."""

    POSTER = "poster", _("Poster")
    INVITER = "inviter", _("Invited by a member")
    SHARED = "shared", _("Shared link")
    OWN = "own", _("By themselves")
    CAMP = "camp", _("Written down by a helper")
    IMPORT = "import", _("A list that was imported")


class JoinCode(models.Model):
    """What a poster or an inviter's link (``/j/<code>``) knows: drive, territory, inviter, language.

    Without a drive it leads to the one that is open there: the link of a member does not end with a drive.
    ``joined``: how many became members by it; who they are is not kept.
    """

    code = models.CharField(max_length=12, unique=True, db_collation="C")
    source = models.CharField(max_length=10, choices=Source)
    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, null=True, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    inviter = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="join_codes")
    language = models.CharField(max_length=10)
    joined = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "drive", "language"],
                condition=models.Q(inviter__isnull=True),
                name="one_poster_code",
            ),
            models.UniqueConstraint(fields=["inviter"], name="one_inviter_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Step(models.TextChoices):
    """How far somebody came."""

    STARTED = "started", _("Number given")
    CODE = "code", _("Code accepted")
    PLACE = "place", _("Place confirmed")
    JOINED = "joined", _("Joined")


class DriveCount(models.Model):
    """How many people took a step of joining, by day and place. No persons: a row is a number.

    ``territory``: where they live, as soon as it is known; before, what the link said; else where the drive is.
    """

    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="counts")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    step = models.CharField(max_length=10, choices=Step)
    source = models.CharField(max_length=10, choices=Source)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drive", "territory", "day", "step", "source"], name="one_drive_count")
        ]

    def __str__(self) -> str:
        return f"{self.step} on {self.day}"
