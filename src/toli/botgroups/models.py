"""The bot, the groups it is in, who is in them, what came from the platform and what is still to be done there."""

import secrets

from django.db import models
from django.db.models import Q

from toli.botgroups.ports import Act
from toli.chatgroups.models import ChatGroup
from toli.members.models import Member


class Bot(models.Model):
    """One bot; its secret is not here. ``id`` is the platform's."""

    id = models.BigIntegerField(primary_key=True)
    provider = models.CharField(max_length=40)
    username = models.CharField(max_length=64)
    address = models.CharField(max_length=300)  # where updates come to
    connected_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)  # the platform asked us to wait

    def __str__(self) -> str:
        return f"@{self.username}"


class Update(models.Model):
    """One update as it came, until it is worked off; the number stays a while, so that it counts once."""

    bot_id = models.BigIntegerField()
    number = models.BigIntegerField()
    content_sealed = models.BinaryField()
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot_id", "number"], name="update_once")]
        indexes = [models.Index(fields=["number"], name="update_waiting", condition=Q(done_at__isnull=True))]

    def __str__(self) -> str:
        return f"update {self.number}"

    def sealed_row(self) -> int:
        return self.number


class Chat(models.Model):
    """A group on the platform that the bot is in or was. ``group``: ours, once somebody connected them by a code."""

    bot_id = models.BigIntegerField()
    number = models.BigIntegerField(unique=True)  # the platform's
    group = models.OneToOneField(ChatGroup, on_delete=models.PROTECT, null=True, related_name="kept_in")
    title = models.CharField(max_length=255, blank=True)
    inside = models.BooleanField(default=False)
    missing = models.CharField(max_length=200, blank=True)  # rights that the bot lacks
    standing_at = models.DateTimeField(null=True)
    standing_number = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(null=True)  # as the platform counts them
    counted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"chat {self.number}"


class PlatformAccount(models.Model):
    """A member's own account on the platform: a keyed hash finds it, the number itself is sealed for acting."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="platform_account")
    person_hash = models.BinaryField(unique=True)
    person_sealed = models.BinaryField()
    connected_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"account of member {self.member_id}"

    def sealed_row(self) -> int:
        return int(self.member_id)


class Code(models.Model):
    """What somebody starts the bot with, once: to connect their own account, or a group."""

    code_hash = models.BinaryField(unique=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=True, group__isnull=False) | Q(member__isnull=False, group__isnull=True),
                name="code_for_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


class Presence(models.Model):
    """Whether somebody is in a group, as the latest news had it. Whoever they are: a keyed hash."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="presences")
    person_hash = models.BinaryField()
    inside = models.BooleanField()
    at = models.DateTimeField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "person_hash"], name="presence_once")]
        indexes = [models.Index(fields=["person_hash"], name="presence_by_person")]

    def __str__(self) -> str:
        return f"{'in' if self.inside else 'out of'} {self.chat_id}"


class OrderState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


def new_seal() -> int:
    """A number that a sealed text is bound to before its row has one."""
    return secrets.randbits(62)


class Order(models.Model):
    """Something the bot has to do. ``key`` says what for, so that it is ordered once; ``about`` which words to use.

    ``told``: its text has been said. The person's number goes once it is done.
    """

    bot_id = models.BigIntegerField()
    key = models.CharField(max_length=120, unique=True)
    act = models.CharField(max_length=10, choices=[(act.value, act.value) for act in Act])
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, null=True, related_name="+")
    person_hash = models.BinaryField(default=b"")
    person_sealed = models.BinaryField(default=b"")
    seal = models.BigIntegerField(default=new_seal)
    about = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, default="hi")
    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=OrderState, default=OrderState.WAITING)
    told = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="order_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.act} #{self.pk}"

    def sealed_row(self) -> int:
        return int(self.seal)
