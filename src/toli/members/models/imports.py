"""Lists that members were imported from."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.members.models.drives import Drive
from toli.members.models.people import Member
from toli.territories.models import Territory


class ImportState(models.TextChoices):
    WAITING = "waiting", _("not imported yet")
    CHECKING = "checking", _("is being checked")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    UNDOING = "undoing", _("is being undone")
    UNDONE = "undone", _("undone")


class ImportRun(models.Model):
    """One reading of a list of members. in = created + unchanged + updated + rejected.

    ``chunks``: how many pieces of ``chunk_rows`` lines are in; a run that was cut off goes on with the next one.
    ``plan``: how the file is read, so that it is read the same way again. ``lines``: the last row of the file.
    ``checked``: the counts of a dry run, before the import. ``path``: where the file lies; one that was uploaded
    lies in settings.IMPORTS_DIR and is deleted with its import, after a day at the latest.
    After an undo: ``removed`` members were taken out again, ``restored`` are as before, ``kept`` had gone on.
    """

    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64, db_index=True)
    path = models.CharField(max_length=1000, blank=True)
    plan = models.JSONField(default=dict)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    uploaded = models.BooleanField(default=False)
    lines = models.PositiveIntegerField(default=0)
    checked = models.JSONField(null=True)
    chunk_rows = models.PositiveIntegerField(default=0)
    chunks = models.PositiveIntegerField(default=0)
    rows = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    undone_at = models.DateTimeField(null=True)
    removed = models.IntegerField(default=0)
    restored = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportChunk(models.Model):
    """A piece of a run that is in, and whom it made: pairs of first and last member id."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    made = ArrayField(ArrayField(models.BigIntegerField(), size=2), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_chunk_once")]

    def __str__(self) -> str:
        return f"piece {self.number} of import {self.run_id}"


class ImportChange(models.Model):
    """What a list changed in a member: how they were before. Kept for as long as the import can be undone."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "member"], name="import_change_once")]

    def __str__(self) -> str:
        return f"change of member {self.member_id} by import {self.run_id}"


class ImportProblem(models.Model):
    """A row that could not be taken: its number in the file, and why."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)

    class Meta:
        ordering = ["row"]

    def __str__(self) -> str:
        return f"row {self.row}: {self.code}"


class ImportMapping(models.Model):
    """What the columns of lists with these headings were last said to mean: column numbers by field.

    ``headings``: a hash of the headings, so that nothing of a file is kept.
    """

    headings = models.CharField(max_length=64, unique=True)
    columns = models.JSONField(default=dict)
    said_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"columns of {self.headings[:8]}"
