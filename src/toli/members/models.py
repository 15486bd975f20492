"""Members, how to reach them, what they agreed to, and the lists they were imported from."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.access.models import Role
from toli.members.domain.purposes import CHANNELS, PURPOSES
from toli.territories.models import Node, Territory


class Drive(models.Model):
    """A membership drive: a time in which people can join, on a territory."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    opens_on = models.DateField()
    closes_on = models.DateField()
    term_months = models.PositiveSmallIntegerField(default=36)
    notice_version = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.code


class MemberState(models.TextChoices):
    ACTIVE = "active"
    LEFT = "left"
    ERASED = "erased"  # on request: the row is all that is left, without name, number, place and days


class MemberSource(models.TextChoices):
    IMPORT = "import"
    JOIN = "join"


class MemberQuerySet(models.QuerySet["Member"]):
    def within(self, scope: Scope) -> Self:
        """Members whose territory lies in the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))

    def active(self) -> Self:
        return self.filter(state=MemberState.ACTIVE)


class Member(models.Model):
    """A person who belongs to the organisation. Telephone numbers are in :class:`ContactPoint`."""

    name = models.CharField(max_length=120)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="members")
    language = models.CharField(max_length=10, default="hi")
    state = models.CharField(max_length=10, choices=MemberState, default=MemberState.ACTIVE)
    source = models.CharField(max_length=10, choices=MemberSource)
    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    member_from = models.DateField()
    member_until = models.DateField()
    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = MemberQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["territory", "state"], name="member_by_place")]

    def __str__(self) -> str:
        return f"member {self.pk}"


class ContactKind(models.TextChoices):
    PHONE = "phone"


class ContactPoint(models.Model):
    """An address of a member, encrypted; ``value_index`` finds it, ``ordinal`` tells apart the
    members of a family who share one phone (0 for the first)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=ContactKind)
    value_sealed = models.BinaryField()
    value_index = models.BinaryField()
    ordinal = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value_index", "ordinal"], name="one_member_per_address_ordinal")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of member {self.member_id}"


class ConsentRecord(models.Model):
    """One word of consent or withdrawal, for one purpose and channel, with its evidence.

    Rows are added, never changed: the database refuses it (core/append_only.py). The latest one counts.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=[(item, item) for item in PURPOSES])
    channel = models.CharField(max_length=10, choices=[(item, item) for item in CHANNELS])
    given = models.BooleanField()
    notice_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member", "purpose", "channel", "-at"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{'gave' if self.given else 'withdrew'} {self.purpose} by {self.channel}"


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


class RevealReason(models.TextChoices):
    CALL_BACK = "call_back", _("The member asked to be called")
    GROUP = "group", _("Help with the group or the card")
    CORRECT = "correct", _("Correcting the member's data")
    EMERGENCY = "emergency", _("Emergency")
    OTHER = "other", _("Another reason")


class Reveal(models.Model):
    """Somebody looked at a member's full number: who, in which role, when, why. Rows are added, never changed."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reveals")
    reason = models.CharField(max_length=20, choices=RevealReason)
    note = models.CharField(max_length=200)
    at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="reveals_of_person")]

    def __str__(self) -> str:
        return f"reveal of member {self.member_id}"


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


class ErasedNumber(models.Model):
    """A number whose owner's data was erased, as a keyed hash: no list brings them back, a restored backup neither.

    ``member_number`` is the id that they had. It is no foreign key: after a restore it may point to nobody.
    """

    number_hash = models.BinaryField(unique=True)
    member_number = models.BigIntegerField()
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"erased {self.member_number}"
