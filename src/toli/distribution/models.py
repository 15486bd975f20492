"""Which kit goes where, and the people who carry it into the groups."""

from django.conf import settings
from django.db import models

from toli.chatgroups.models import Campaign, ChatGroup
from toli.content.models import Kit
from toli.territories.models import Territory


class Distribution(models.Model):
    """A kit sent to the groups of a territory."""

    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="distributions")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "campaign", "territory"], name="one_distribution_per_place")
        ]

    def __str__(self) -> str:
        return f"kit {self.kit_id} to {self.territory_id}"


class RelayState(models.TextChoices):
    WAITING = "waiting"
    CONFIRMED = "confirmed"


class Relay(models.Model):
    """One kit on its way into one group, by the hand of a named person."""

    distribution = models.ForeignKey(Distribution, on_delete=models.CASCADE, related_name="relays")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT)
    group = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, related_name="relays")
    language = models.CharField(max_length=10)
    variant = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RelayState, default=RelayState.WAITING)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "group"], name="one_relay_per_group")]

    def __str__(self) -> str:
        return f"kit {self.kit_id} into {self.group_id}: {self.state}"
