"""Which kit goes where and when, the people who carry it into the groups, and what is taken back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from toli.chatgroups.models import Campaign, ChatGroup
from toli.content.models import Kit
from toli.messaging.models import Audience, Batch, Sender
from toli.territories.models import Territory


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    STARTED = "started", _("Started")
    CANCELLED = "cancelled", _("Cancelled")


def to_members_alone() -> list[str]:
    """Whom a plan writes to unless it says more."""
    return [Audience.MEMBERS.value]


class Plan(models.Model):
    """A kit, where it goes, by which channels, when. ``roles``: only groups whose admin holds one; empty: all.

    ``languages``: the order in which a language is chosen; empty: each reader's own. ``channels``: in the order in
    which a member is written to by the first that they agreed to. ``audiences``: members, citizens who agreed, or both.
    ``queued_to``: the last member whose turn it was when messages were queued, ``citizens_to``: the last citizen;
    ``queued_at``: when that was done. ``obstacles``: channel -> why it was left out.
    """

    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="plans")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    territories = models.ManyToManyField(Territory, related_name="+")
    channels = models.JSONField()
    audiences = models.JSONField(default=to_members_alone)
    roles = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    queued_to = models.BigIntegerField(default=0)
    citizens_to = models.BigIntegerField(default=0)
    queued_at = models.DateTimeField(null=True)
    obstacles = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state="scheduled"), name="plan_due"),
            models.Index(fields=["id"], condition=Q(state="started", queued_at__isnull=True), name="plan_to_queue"),
        ]

    def __str__(self) -> str:
        return f"kit {self.kit_id} at {self.starts_at}"


class PlanBatch(models.Model):
    """Messages of a plan that say the same, by one sender to members, or to citizens, of one of its places."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="batches")
    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.MEMBERS)
    language = models.CharField(max_length=10)
    variant = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "territory", "sender", "audience", "language", "variant"], name="one_batch_for_the_same"
            )
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id}: {self.batch_id}"


class Distribution(models.Model):
    """A kit sent to the groups of a territory."""

    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="distributions")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    languages = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "campaign", "territory"], name="one_distribution_per_place")
        ]

    def __str__(self) -> str:
        return f"kit {self.kit_id} to {self.territory_id}"


class RelayState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    CONFIRMED = "confirmed", _("posted")
    REFUSED = "refused", _("held back by a rule")
    CANCELLED = "cancelled", _("taken back")


class Relay(models.Model):
    """One kit on its way into one group, by the hand of a named person.

    ``asked``: who is asked now, until ``due_at``; ``step`` says how far up that is. ``nobody_left``: everybody in
    the chain has been asked. ``rule``: why it was held back.
    """

    distribution = models.ForeignKey(Distribution, on_delete=models.CASCADE, related_name="relays")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT)
    group = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, related_name="relays")
    language = models.CharField(max_length=10)
    variant = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RelayState, default=RelayState.WAITING)
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    step = models.CharField(max_length=10, default="admin")
    due_at = models.DateTimeField(null=True)
    nobody_left = models.BooleanField(default=False)
    rule = models.CharField(max_length=40, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "group"], name="one_relay_per_group")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="relay_waiting")]

    def __str__(self) -> str:
        return f"kit {self.kit_id} into {self.group_id}: {self.state}"


class RelayAsking(models.Model):
    """Whom a relay was asked of, one after the other."""

    relay = models.ForeignKey(Relay, on_delete=models.CASCADE, related_name="askings")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=10)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["relay", "account"], name="nobody_is_asked_twice")]

    def __str__(self) -> str:
        return f"relay {self.relay_id}: {self.account_id}"


class Recall(models.Model):
    """A kit is taken back everywhere, within three hours of ``begun_at``.

    ``automatic_done_at``: when the last place was gone that needs nobody's hand.
    """

    kit = models.OneToOneField(Kit, on_delete=models.PROTECT, related_name="recall")
    begun_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    automatic_done_at = models.DateTimeField(null=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    unsent = models.PositiveIntegerField(default=0)
    share_pages = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"recall of kit {self.kit_id}"


class RecallState(models.TextChoices):
    ASKED = "asked", _("asked to delete")
    GONE = "gone", _("deleted")
    STAYS = "stays", _("cannot be deleted")


class RecallPlace(models.Model):
    """A place where the kit stands and a named person has to delete it, by hand."""

    recall = models.ForeignKey(Recall, on_delete=models.CASCADE, related_name="places")
    relay = models.OneToOneField(Relay, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=RecallState, default=RecallState.ASKED)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=10, default="admin")
    due_at = models.DateTimeField()
    asked_before = models.JSONField(default=list)
    nobody_left = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(state="asked"), name="recall_waiting")]

    def __str__(self) -> str:
        return f"{self.recall_id} in {self.relay_id}: {self.state}"
