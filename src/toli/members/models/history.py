"""Memberships as they were. The version that holds now stands in :class:`Member` itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.members.models.people import Member, MemberGrade, MemberState
from toli.territories.models import Territory


class HistoryReason(models.TextChoices):
    """Why a version ended."""

    TRANSFER = "transfer", _("moved")
    PROMOTION = "promotion", _("another class")
    RENEWAL = "renewal", _("renewed")
    LEFT = "left", _("left")
    LAPSED = "lapsed", _("not renewed")
    RETURNED = "returned", _("came back")
    MERGED = "merged", _("joined with another entry of the same person")
    LIST = "list", _("changed by a list")
    CHECKED = "checked", _("a check began or ended")
    UNDONE = "undone", _("taken back")
    CORRECTED = "corrected", _("corrected")


class PastMembership(models.Model):
    """A version of a membership that has ended. Rows are added, never changed; erasure removes them.

    ``from_on``, ``to_on``: the days on which it held, both included; ``to_on`` is the day before ``from_on`` when it
    held on none. ``recorded_at``: when it was closed, and the next version noted. The database refuses two versions
    of one member that have a day in common (constraint ``no_two_versions_on_one_day``, in the migration).
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="past")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    grade = models.CharField(max_length=10, choices=MemberGrade)
    state = models.CharField(max_length=10, choices=MemberState)
    member_from = models.DateField()
    member_until = models.DateField()
    from_on = models.DateField()
    to_on = models.DateField()
    reason = models.CharField(max_length=10, choices=HistoryReason)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["territory", "to_on"], name="past_by_place")]

    def __str__(self) -> str:
        return f"member {self.member_id} until {self.to_on}"
