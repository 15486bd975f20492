"""Arrivals as keyed hashes, cases for the fraud inbox, and whom a case holds."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models import Member
from toli.territories.models import Node, Territory


class Arrival(models.Model):
    """One enrolment, as little of it as counting needs: keyed hashes that nobody can read back."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    enroller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    device_key = models.BinaryField(null=True)
    block_key = models.BinaryField(null=True)
    link_key = models.BinaryField(null=True)
    name_key = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["enroller", "at"], name="arrivals_by_enroller"),
            models.Index(fields=["device_key", "at"], name="arrivals_by_device"),
            models.Index(fields=["block_key", "at"], name="arrivals_by_block"),
            models.Index(fields=["link_key", "at"], name="arrivals_by_link"),
        ]

    def __str__(self) -> str:
        return f"arrival of member {self.member_id}"


class CaseKind(models.TextChoices):
    VELOCITY = "velocity", _("Too many in a short time")
    NOT_ME = "not_me", _("People say they never joined")
    CALL_BACK = "call_back", _("Called, and did not ask to join")


HOLDING = (CaseKind.VELOCITY, CaseKind.CALL_BACK)  # while such a case waits, whoever comes from its source waits in it


class Holds(models.TextChoices):
    ENROLLER = "enroller", _("one helper")
    DEVICE = "device", _("one phone or computer")
    BLOCK = "block", _("numbers that follow each other")
    LINK = "link", _("one invitation link")
    IMPORT = "import", _("one imported list")
    PERSON = "person", _("one person, of whom nothing else is known")


class CaseState(models.TextChoices):
    OPEN = "open", _("Waits for a decision")
    ASKED = "asked", _("Waits for a second person")
    RELEASED = "released", _("Released")
    REFUSED = "refused", _("Refused")
    CLOSED = "closed", _("Closed")


WAITING = (CaseState.OPEN, CaseState.ASKED)


class CaseQuerySet(models.QuerySet["Case"]):
    def within(self, scope: Scope) -> Self:
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class Case(models.Model):
    """Something that somebody has to look at, for one source and one constituency.

    ``rule``: the figure that was exceeded (domain/velocity.py), empty where people spoke. ``source_key``: keyed hash
    of the phone, block or link; of a helper or a list the id. ``evidence``: counts and times, never a key or a name.
    ``asked_by``: who wants to refuse more people than one person may.
    """

    kind = models.CharField(max_length=10, choices=CaseKind)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40, blank=True)
    holds = models.CharField(max_length=10, choices=Holds)
    source_key = models.BinaryField()
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=CaseState, default=CaseState.OPEN)
    opened_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "holds", "source_key", "territory"],
                condition=Q(state__in=["open", "asked"]),
                name="one_open_case_per_source",
            )
        ]
        indexes = [models.Index(fields=["holds", "source_key", "state"], name="cases_by_source")]

    def __str__(self) -> str:
        return f"check {self.pk}"

    @property
    def waits(self) -> bool:
        return self.state in WAITING


class HeldState(models.TextChoices):
    """``with``: came before a figure was exceeded; a member as before, until the case is decided about them as well."""

    HELD = "held"
    WITH = "with"
    RELEASED = "released"
    REFUSED = "refused"
    RESTORED = "restored"


class HeldMember(models.Model):
    """Somebody about whom a case decides, and what became of them."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="held")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=HeldState, default=HeldState.HELD)
    held_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="held_once_per_case")]

    def __str__(self) -> str:
        return f"member {self.member_id} in check {self.case_id}"


class CaseStep(models.Model):
    """What somebody did with a case, and why. Rows are added, never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    act = models.CharField(max_length=20)
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.act} of check {self.case_id}"
