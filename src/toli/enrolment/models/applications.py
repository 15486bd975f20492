"""People whom a coordinator wrote down, until they decide themselves; and the phones that wrote."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models import Drive, Member
from toli.territories.models import Node, Territory


class DeviceQuerySet(models.QuerySet["Device"]):
    def within(self, scope: Scope) -> Self:
        """Phones whose owner's area begins in the scope."""
        return self if scope.everywhere else self.filter(territory_id__in=_places(scope))


class Device(models.Model):
    """A coordinator's phone. ``point`` is its public key on P-256 (65 bytes); the private one never leaves it."""

    key_id = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolment_devices")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)  # the top of its owner's area
    point = models.BinaryField()
    name = models.CharField(max_length=60)
    registered_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = DeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"enrolment device {self.pk}"


class State(models.TextChoices):
    WAITING = "waiting", _("waits for their answer")
    CONFLICT = "conflict", _("something does not fit")
    HELD = "held", _("is being checked")
    CHECKED = "checked", _("said yes, is being checked")
    CONFIRMED = "confirmed", _("became a member")
    DECLINED = "declined", _("said: this is not me")
    EXPIRED = "expired", _("did not answer")
    SETTLED = "settled", _("was settled otherwise")
    WITHDRAWN = "withdrawn", _("taken back by the coordinator")
    REFUSED = "refused", _("refused after a check")


OPEN = (State.WAITING, State.CONFLICT, State.HELD)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def within(self, scope: Scope) -> Self:
        """Entries whose territory lies in the scope."""
        return self if scope.everywhere else self.filter(territory_id__in=_places(scope))

    def open(self) -> Self:
        """Those of which name and number are still here."""
        return self.filter(state__in=OPEN)


class Application(models.Model):
    """Somebody who was written down at a camp or door, and is no member before they say so themselves.

    ``record_id`` was made by the phone: the same record never counts twice. Name and number are here only while the
    state is open; ``reason`` is a stable word. ``said_no_hash``: a tombstone's hash of the number of who said "this is
    not me", so that nobody writes them down again. ``case``: what holds, or held, the entry. ``block_key`` and
    ``name_key``: keyed hashes by which entries of one helper are counted.
    """

    record_id = models.UUIDField(unique=True)
    fingerprint = models.BinaryField()  # of the device's signature
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="applications")
    enroller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications")
    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    language = models.CharField(max_length=10, default="hi")
    name = models.CharField(max_length=120, blank=True)
    number_sealed = models.BinaryField()
    number_index = models.BinaryField(null=True)
    said_no_hash = models.BinaryField(null=True, db_index=True)
    captured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    texted_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=30, blank=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="applications")
    case = models.ForeignKey("Case", on_delete=models.PROTECT, null=True, related_name="entries")
    block_key = models.BinaryField(null=True)
    name_key = models.BinaryField(null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["number_index"], name="application_by_number"),
            models.Index(fields=["territory", "state"], name="application_by_place"),
            models.Index(fields=["enroller", "-received_at"], name="application_by_enroller"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN) | models.Q(name="", number_index__isnull=True, number_sealed=b""),
                name="ended_applications_name_nobody",
            )
        ]

    def __str__(self) -> str:
        return f"application {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether name and number are still here."""
        return self.state in OPEN

    def sealed_row(self) -> int:
        """What the encrypted number is bound to: known before the row has its id."""
        return self.record_id.int >> 65


def _places(scope: Scope) -> models.QuerySet[Node, int]:
    return Node.objects.within_paths(scope.paths).values_list("territory_id", flat=True)
