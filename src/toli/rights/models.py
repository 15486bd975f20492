"""What members asked for, until when they must have an answer, what the answer was; what the schedule has done."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models import Member
from toli.territories.models import Node, Territory


class RequestKind(models.TextChoices):
    COPY = "copy", _("Copy of the data")
    CORRECTION = "correction", _("Correction")
    ERASURE = "erasure", _("Erasure")
    NOMINATION = "nomination", _("Nomination")
    COMPLAINT = "complaint", _("Complaint")


class RequestState(models.TextChoices):
    OPEN = "open", _("Open")
    CONFIRMED = "confirmed", _("Being carried out")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


class RequestQuerySet(models.QuerySet["RightsRequest"]):
    def within(self, scope: Scope) -> Self:
        """Requests of members who lived in the scope when they asked."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class RightsRequest(models.Model):
    """``territory`` is where the member lived when asking: the member's own row loses its place by erasure.

    ``words`` and ``answer`` may name people and are encrypted; both are emptied by erasure.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="requests")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=RequestKind)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    language = models.CharField(max_length=10)
    words_sealed = models.BinaryField(default=b"")
    answer_sealed = models.BinaryField(default=b"")
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    not_before = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict)  # of an erasure: what was removed, by kind

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(kind="erasure", state__in=["open", "confirmed"]),
                name="one_open_erasure",
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="requests_by_clock")]

    def __str__(self) -> str:
        return f"{self.kind} request {self.pk}"


class RetentionRun(models.Model):
    """One line of the schedule carried out: how many things whose term was over by ``before`` are gone.

    ``finished_at`` None: under way, or cut off; the next run goes on with it. Holds nothing about people.
    """

    key = models.CharField(max_length=60)
    before = models.DateTimeField()
    cleared = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(finished_at__isnull=True), name="one_retention_run_under_way"
            )
        ]
        indexes = [models.Index(fields=["key", "-started_at"], name="retention_runs_of_line")]

    def __str__(self) -> str:
        return f"{self.key}: {self.cleared}"
