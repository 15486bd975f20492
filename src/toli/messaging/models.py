"""Who sends, what is to be sent to whom, what became of it, and what came back."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from toli.access.domain.scope import Scope
from toli.members.models import Citizen, Member
from toli.messaging.domain.states import State
from toli.messaging.domain.verdicts import Resend
from toli.territories.models import Node, Territory


class Portfolio(models.Model):
    """Senders that share a limit of messages in any 24 hours, as the numbers of one business do (0: no limit)."""

    code = models.SlugField(max_length=40, unique=True)
    per_day = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class SenderState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("sender", "Active")
    PAUSED = "paused", pgettext_lazy("sender", "Paused")
    OFF = "off", pgettext_lazy("sender", "Off")


class Sender(models.Model):
    """One number, bot or mailbox that sends. ``config`` holds what everybody may know; secrets are sealed.

    ``per_second``: no more than so many in any second (0: no limit). ``recipient_gap``: seconds between two messages
    to the same person. ``reason``: why it is paused, as a stable word. ``kit_template``: the provider's name of the
    template by which kits go out; empty: as free text. ``prices``: what a message costs, in paise as a decimal number,
    by its purpose; what is missing is not known.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    provider = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=SenderState, default=SenderState.ACTIVE)
    reason = models.CharField(max_length=40, default="", blank=True)
    config = models.JSONField(default=dict)
    secrets_sealed = models.BinaryField(default=b"")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.PROTECT, null=True, blank=True)
    per_second = models.FloatField(default=0)
    recipient_gap = models.FloatField(default=0)
    kit_template = models.CharField(max_length=512, default="", blank=True)
    prices = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class BatchState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("batch", "On its way")
    STOPPED = "stopped", pgettext_lazy("batch", "Stopped")
    CANCELLED = "cancelled", pgettext_lazy("batch", "Called off")


class Priority(models.IntegerChoices):
    URGENT = 0
    NORMAL = 1
    BULK = 2


class Audience(models.TextChoices):
    MEMBERS = "members", pgettext_lazy("audience", "Members")
    CITIZENS = "citizens", pgettext_lazy("audience", "Citizens who agreed")


class BatchQuerySet(models.QuerySet["Batch"]):
    def within(self, scope: Scope) -> "BatchQuerySet":
        """Batches for places in the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class Batch(models.Model):
    """Messages that say the same, to members or to citizens who are none. ``subject`` names what it is about
    (``kit:12``).

    ``otherwise``: the batch in which people are written to who cannot be reached by this one.
    """

    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    audience = models.CharField(
        max_length=10, choices=Audience, default=Audience.MEMBERS, db_default=Audience.MEMBERS
    )  # fmt: skip
    purpose = models.CharField(max_length=20)
    subject = models.CharField(max_length=60, db_collation="C", default="", blank=True)
    content = models.JSONField()
    template = models.CharField(max_length=512, default="", blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.ACTIVE)
    reason = models.CharField(max_length=40, default="", blank=True)
    resend = models.CharField(max_length=10, choices=[(item.value, item.value) for item in Resend], default=Resend.FLAG)
    otherwise = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="batch_by_end", condition=Q(state="active"))]

    def __str__(self) -> str:
        return f"batch {self.pk}"

    @property
    def kit_id(self) -> int | None:
        """The material that it carries, where it is about one."""
        kind, _, number = self.subject.partition(":")
        return int(number) if kind == "kit" and number.isdigit() else None


class Message(models.Model):
    """One message to one member, or to one citizen who is none. The number is not here: it is asked for when it is
    sent.

    ``ready_at``: not before then. ``worker`` and ``lease_until`` belong to whoever holds it. ``correlation`` goes with
    every call, so that what the provider reports finds its way back, also into a database that was restored.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_index=False)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, db_index=False)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True)
    citizen = models.ForeignKey(Citizen, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    correlation = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID())
    params = models.JSONField(null=True)
    priority = models.PositiveSmallIntegerField(default=Priority.NORMAL)
    state = models.CharField(max_length=10, choices=[(item.value, item.value) for item in State], default=State.QUEUED)
    reason = models.CharField(max_length=40, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=40, default="", blank=True)
    ref = models.CharField(max_length=120, default="", blank=True)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "member"], name="one_message_per_member_and_batch"),
            models.UniqueConstraint(
                fields=["batch", "citizen"],
                condition=Q(citizen__isnull=False),
                name="one_message_per_citizen_and_batch",
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=True) | Q(citizen__isnull=True), name="message_to_one_person"
            ),
            models.UniqueConstraint(fields=["correlation"], name="message_by_correlation"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="who_sends_holds_a_lease"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sender", "priority", "ready_at", "id"], name="message_waiting", condition=Q(state="queued")
            ),
            models.Index(fields=["lease_until"], name="message_held", condition=Q(state="sending")),
            models.Index(fields=["tried_at"], name="message_unknown", condition=Q(state="unknown")),
            models.Index(fields=["ref"], name="message_by_ref", condition=~Q(ref="")),
            models.Index(fields=["citizen"], name="message_to_citizen", condition=Q(citizen__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attempt(models.Model):
    """A call that did not simply succeed: of those that did, the message itself says everything."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE)
    number = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=20)
    code = models.CharField(max_length=40, default="", blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"attempt {self.number} of message {self.message_id}"


class Turn(models.Model):
    """When a sender's next free place in time is (``sender:7``). Short transactions only: everybody waits for it."""

    key = models.CharField(max_length=60, primary_key=True, db_collation="C")
    ready_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Spent(models.Model):
    """How much of a portfolio's limit was used in an hour."""

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE)
    hour = models.DateTimeField()
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "hour"], name="one_count_per_hour")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} {self.hour}"


class Respite(models.Model):
    """Until when a sender leaves a member, or a citizen who is none, alone."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True)
    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, null=True, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "member"], name="one_respite_per_sender"),
            models.UniqueConstraint(fields=["sender", "citizen"], name="one_citizens_respite_per_sender"),
            models.CheckConstraint(
                condition=Q(member__isnull=True, citizen__isnull=False) | Q(member__isnull=False, citizen__isnull=True),
                name="respite_of_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"sender {self.sender_id} until {self.until}"


class Control(models.Model):
    """One row: whether anything is sent at all, and which database this is (see services/control.py)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    identity = models.UUIDField(default=uuid.uuid4)
    paused = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_control")]

    def __str__(self) -> str:
        return self.paused or "sending"


class ReceivedCallback(models.Model):
    """What a provider sent us, as it came, until a job has read it. ``problem``: why it could not be read."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, db_index=False)
    body_sealed = models.BinaryField()
    received_at = models.DateTimeField()
    problem = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="callback_waiting", condition=Q(problem=""))]

    def __str__(self) -> str:
        return f"callback {self.pk}"


class Inbound(models.Model):
    """Somebody wrote to one of our senders. ``member``: whose number it came from, where it is known. ``reply_sealed``:
    who is owed one answer and has no member's record that says where to; empty as soon as it is tried."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True)
    ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    text_sealed = models.BinaryField(default=b"")
    reply_sealed = models.BinaryField(default=b"", db_default=b"")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "ref"], name="one_inbound_per_ref")]
        indexes = [models.Index(fields=["id"], condition=~Q(reply_sealed=b""), name="inbound_owed_an_answer")]

    def __str__(self) -> str:
        return f"inbound {self.pk}"


class PushDevice(models.Model):
    """A browser in which a member allowed notifications. ``subscription_sealed``: where they go and under which keys;
    ``endpoint_hash`` finds it. ``name``: what kind of browser it is, so that its owner knows it again."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    endpoint_hash = models.BinaryField(unique=True)
    subscription_sealed = models.BinaryField(default=b"")
    name = models.CharField(max_length=60, default="", blank=True)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"device {self.pk} of member {self.member_id}"


class MailAddressQuerySet(models.QuerySet["MailAddress"]):
    def usable(self) -> "MailAddressQuerySet":
        """Those that their owner has confirmed and that mail has not come back from."""
        return self.filter(confirmed_at__isnull=False, failed_at__isnull=True)


class MailAddress(models.Model):
    """A member's mailbox. Nothing is sent to it before its owner has opened the link that was sent there.

    ``token_hash`` finds that link until ``token_until``; it is emptied when the link is used. ``failed_at``: when a
    mail server said that nobody is there. Another mailbox of the member is another row.
    """

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")
    address_sealed = models.BinaryField(default=b"")
    token_hash = models.BinaryField(default=b"")
    token_until = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    objects = MailAddressQuerySet.as_manager()

    def __str__(self) -> str:
        return f"mailbox {self.pk} of member {self.member_id}"
