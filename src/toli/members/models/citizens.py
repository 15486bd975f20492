"""People who are no members and agreed to hear from the organisation."""

from typing import Self

from django.db import models
from django.db.models import Q

from toli.access.domain.scope import Scope
from toli.territories.models import Node, Territory


class CitizenQuerySet(models.QuerySet["Citizen"]):
    def within(self, scope: Scope) -> Self:
        """Citizens whose territory lies in the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))

    def agreed(self) -> Self:
        """Those whose word stands."""
        return self.filter(ended_at__isnull=True)


class Citizen(models.Model):
    """A number whose owner agreed, for a place; no name and no account. What they said is in :class:`ConsentRecord`.

    The number goes as soon as nothing stands any more (``ended_at``). ``number_hash`` stays as long as the proof: under
    a key of its own that is not changed, it tells whether a number that somebody names is the one that agreed.
    """

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10)
    number_sealed = models.BinaryField(default=b"")
    number_hash = models.BinaryField()
    agreed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = CitizenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_hash"], condition=Q(ended_at__isnull=True), name="one_citizen_per_number"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(number_sealed=b""), name="ended_citizen_has_no_number"
            ),
        ]

    def __str__(self) -> str:
        return f"citizen {self.pk}"
