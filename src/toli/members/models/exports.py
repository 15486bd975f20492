"""Lists of members that somebody asked for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.members.models.people import Member
from toli.territories.models import Territory


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waits for a second person")
    MAKING = "making", _("is being made")
    READY = "ready", _("ready")
    REFUSED = "refused", _("refused")
    STOPPED = "stopped", _("not made")
    DELETED = "deleted", _("deleted")


class Export(models.Model):
    """A list of members that somebody asked for, and what became of it. The file lies in settings.EXPORTS_DIR.

    ``rows``: counted on asking; from ``made_at`` on, those in the file. ``token_hash``: of the link handed out last.
    """

    MOST_DOWNLOADS = 3

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    columns = ArrayField(models.CharField(max_length=20))
    purpose = models.CharField(max_length=200)
    language = models.CharField(max_length=10)
    rows = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ExportState)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    token_hash = models.BinaryField(null=True, unique=True)
    downloads = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(downloads__lte=3), name="export_downloads_at_most_three"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="export_decided_by_another",
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-asked_at"], name="exports_of_person")]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def downloads_left(self) -> int:
        return max(0, self.MOST_DOWNLOADS - self.downloads)


class ExportRow(models.Model):
    """A member in a list. ``ref`` is the mark that stands in the row, so that a leaked row can be traced."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="listed")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="listed")
    ref = models.CharField(max_length=10, db_collation="C", db_index=True)

    def __str__(self) -> str:
        return self.ref
