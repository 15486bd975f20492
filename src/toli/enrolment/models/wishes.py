"""What members ask for about their membership, and what was decided: another place, or the active class."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models import Member
from toli.territories.models import Node, Territory


class WishKind(models.TextChoices):
    TRANSFER = "transfer", _("Transfer to another place")
    PROMOTION = "promotion", _("Become an active member")


class WishState(models.TextChoices):
    OPEN = "open", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("not accepted")
    TAKEN_BACK = "taken_back", _("taken back")


class WishQuerySet(models.QuerySet["Wish"]):
    def within(self, scope: Scope) -> Self:
        """Wishes about which somebody of the scope decides."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


class Wish(models.Model):
    """``territory``: where it is decided: the new place of a transfer, the member's own for another class.
    ``left``: the place that they want to leave. ``note``: what the member reads with the answer."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=WishKind)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    left = models.ForeignKey(Territory, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=WishState, default=WishState.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], condition=models.Q(state="open"), name="one_open_wish_of_a_kind"
            )
        ]
        indexes = [models.Index(fields=["territory", "state"], name="wishes_by_place")]

    def __str__(self) -> str:
        return f"wish {self.pk}"
