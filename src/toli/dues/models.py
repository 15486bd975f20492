"""What a membership costs, who owes it, and what was paid."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from toli.members.models import Drive, Member, MemberGrade
from toli.territories.models import Territory


class Offer(models.Model):
    """A class of membership that a drive offers. ``fee`` in the currency's smallest unit; 0: free."""

    drive = models.ForeignKey(Drive, on_delete=models.CASCADE, related_name="offers")
    grade = models.CharField(max_length=10, choices=MemberGrade)
    months = models.PositiveSmallIntegerField()
    fee = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="INR")
    grace_days = models.PositiveSmallIntegerField(default=30)
    least_months = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drive", "grade"], name="one_offer_for_each_grade"),
            models.CheckConstraint(condition=Q(fee__gte=0, months__gte=1), name="offer_is_possible"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} of {self.drive_id}"


class DueKind(models.TextChoices):
    JOINING = "joining", _("Joining")
    RENEWAL = "renewal", _("Renewal")
    PROMOTION = "promotion", _("Becoming an active member")


class DueState(models.TextChoices):
    OPEN = "open", _("open")
    CLAIMED = "claimed", _("said to be paid")
    PAID = "paid", _("paid")
    DROPPED = "dropped", _("no longer owed")


OWED = (DueState.OPEN, DueState.CLAIMED)


class Due(models.Model):
    """What a member owes for a term of a class. ``member`` is nobody once their data is erased."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="dues")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=DueKind)
    grade = models.CharField(max_length=10, choices=MemberGrade)
    months = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=12, unique=True, db_collation="C")
    state = models.CharField(max_length=8, choices=DueState, default=DueState.OPEN)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(state__in=OWED), name="one_due_at_a_time"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="due_is_something"),
        ]

    def __str__(self) -> str:
        return self.reference


class Way(models.TextChoices):
    CASH = "cash", _("cash")
    LINK = "link", _("payment link")


class ReceiptSeries(models.Model):
    """The last number of a drive's receipts. Only the trigger of the table of receipts writes here."""

    drive = models.OneToOneField(Drive, on_delete=models.PROTECT, primary_key=True)
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.drive_id}: {self.last}"


class Receipt(models.Model):
    """Money that was received. The database gives the number and refuses every change."""

    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    number = models.BigIntegerField()
    due = models.ForeignKey(Due, on_delete=models.PROTECT, related_name="receipts")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    way = models.CharField(max_length=4, choices=Way)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["drive", "number"], name="one_receipt_for_each_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_is_for_something"),
            models.CheckConstraint(condition=Q(way="link") | Q(taken_by__isnull=False), name="cash_has_a_collector"),
        ]
        indexes = [models.Index(fields=["territory", "at"], name="receipt_by_place")]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The number as people read it: ``DRIVE-2026/000017``. Needs the drive."""
        return f"{self.drive.code.upper()}/{self.number:06d}"


class Cancellation(models.Model):
    """A receipt that was a mistake: why, and who says so. Added, never changed."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="cancellation")
    reason = models.CharField(max_length=200)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"cancelled {self.receipt_id}"


class Dispute(models.Model):
    """A member says that they did not pay this. ``answer``: what the desk found; empty while it is open."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="dispute")
    at = models.DateTimeField()
    answer = models.CharField(max_length=200, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"dispute of {self.receipt_id}"


class Reminder(models.Model):
    """How many reminders have left for the term that ends on ``until``; no more than three."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True)
    until = models.DateField()
    sent = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sent__lte=3), name="three_reminders_at_most")]

    def __str__(self) -> str:
        return f"{self.sent} to {self.member_id}"


class Handover(models.Model):
    """Cash that somebody says they gave to another, who confirms or refuses it. Until then the giver holds it."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & ~Q(giver=F("receiver")), name="handover_to_another"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(refused_at__isnull=True), name="handover_has_one_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.pk}"


class CashHolding(models.Model):
    """Who holds the cash of a receipt; ``handover``: they say that they have given it away, and nobody has answered."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, primary_key=True, related_name="holding")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, null=True, related_name="holdings")

    def __str__(self) -> str:
        return f"cash of {self.receipt_id}"
