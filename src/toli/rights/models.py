"""What members asked for and until when they must have an answer; what the schedule did; breaches and whom they hit."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.content.models import Kit
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


class ComplaintAbout(models.TextChoices):
    MESSAGE = "message", _("This message")
    DATA = "data", _("My data")
    BEHAVIOUR = "behaviour", _("How somebody behaved")
    OTHER = "other", _("Something else")


class ComplaintState(models.TextChoices):
    RECEIVED = "received", _("Received")
    IN_WORK = "in_work", _("In work")
    ANSWERED = "answered", _("Answered")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def within(self, scope: Scope) -> Self:
        """Complaints that are about the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))

    def waiting(self) -> Self:
        return self.exclude(state=ComplaintState.ANSWERED)


class Complaint(models.Model):
    """What anybody complains of, without an account. ``token_hash``: of the address at which they read the answer.

    ``territory`` is where whoever shared the message lives, the whole country where no message is known; ``kit`` the
    message. Words, answer and the number are encrypted. Nobody has proved the number, so it tells nothing about its
    owner; ``number_hash`` finds it when its owner's data is erased.
    """

    token_hash = models.BinaryField(unique=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    kit = models.ForeignKey(Kit, on_delete=models.SET_NULL, null=True, related_name="+")
    about = models.CharField(max_length=10, choices=ComplaintAbout)
    state = models.CharField(max_length=10, choices=ComplaintState, default=ComplaintState.RECEIVED)
    language = models.CharField(max_length=10)
    words_sealed = models.BinaryField(default=b"")
    phone_sealed = models.BinaryField(default=b"")
    answer_sealed = models.BinaryField(default=b"")
    number_hash = models.BinaryField(default=b"", db_index=True)
    filed_at = models.DateTimeField()
    take_up_by = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_up_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="complaints_by_clock")]

    def __str__(self) -> str:
        return f"complaint {self.pk}"


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


class LettersState(models.TextChoices):
    NONE = "none", _("not asked for")
    ASKED = "asked", _("wait for a second person")
    APPROVED = "approved", _("being sent")
    SENT = "sent", _("sent")


class BreachState(models.TextChoices):
    FINDING = "finding", _("the trail is being read")
    FOUND = "found", _("open")
    CLOSED = "closed", _("closed")


class BreachQuerySet(models.QuerySet["BreachCase"]):
    def within(self, scope: Scope) -> Self:
        """Cases whose whole place lies in the scope: who sees a part only must not read of the rest."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class BreachCase(models.Model):
    """Something has happened to members' data, or a drill of it.

    ``territory``: whose members it is about. ``began_at`` to ``ended_at``: when. ``account_id``, ``address`` and
    ``export_number`` narrow down what is looked for in the trail; ``everybody``: the trail does not matter,
    everything was taken. ``kinds``: bits of domain.breaches.Kind that are looked for; 0 for all. ``acts``: entries
    of the trail that were counted, ``nameless``: those of them that do not tell whom they were about.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    drill = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=BreachState, default=BreachState.FINDING)
    aware_at = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    suspect = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=45, blank=True)
    export_number = models.BigIntegerField(null=True)
    kinds = models.PositiveIntegerField(default=0)
    everybody = models.BooleanField(default=False)
    happened_en = models.CharField(max_length=600, blank=True)
    happened_hi = models.CharField(max_length=600, blank=True)
    measures_en = models.CharField(max_length=600, blank=True)
    measures_hi = models.CharField(max_length=600, blank=True)
    acts = models.PositiveIntegerField(default=0)
    nameless = models.PositiveIntegerField(default=0)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    found_at = models.DateTimeField(null=True)
    letters = models.CharField(max_length=10, choices=LettersState, default=LettersState.NONE)
    letters_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    letters_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    letters_sent_at = models.DateTimeField(null=True)
    board_first_at = models.DateTimeField(null=True)
    board_full_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)  # by place, once the case is closed

    objects = BreachQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(letters_approved_by__isnull=True)
                | ~models.Q(letters_approved_by=models.F("letters_asked_by")),
                name="breach_letters_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(drill=False) | models.Q(letters_sent_at__isnull=True), name="drill_sends_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"breach {self.pk}"


class BreachAffected(models.Model):
    """A member whose data was reached: which kinds, by which ways (bits), and where they lived when it was found.

    ``told_at``: a letter left for them. ``territory`` is emptied by erasure.
    """

    case = models.ForeignKey(BreachCase, on_delete=models.CASCADE, related_name="affected")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, related_name="+")
    kinds = models.PositiveIntegerField()
    ways = models.PositiveIntegerField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="affected_once")]
        indexes = [models.Index(fields=["case", "territory"], name="affected_by_place")]

    def __str__(self) -> str:
        return f"{self.member_id} in breach {self.case_id}"
