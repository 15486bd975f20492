"""Counts per territory, rebuilt from the facts; pages read these, never the facts."""

from django.db import models

from toli.territories.models import Node, Territory


class FunnelCount(models.Model):
    """The funnel of the people in one branch: of a territory and all that lies below it in a tree.

    Kept for branches and not for single territories, so that a page reads one row per place it shows;
    no row where nobody lives and nothing was opened.

    The first six count members, ``opened`` counts opens of their links and of the organisation's own for these places,
    ``converted`` counts people who joined through these links.
    """

    node = models.OneToOneField(Node, on_delete=models.CASCADE, primary_key=True, related_name="funnel")
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="funnels")
    imported = models.PositiveIntegerField(default=0)
    carded = models.PositiveIntegerField(default=0)
    seated = models.PositiveIntegerField(default=0)
    joined = models.PositiveIntegerField(default=0)
    relayed = models.PositiveIntegerField(default=0)
    shared = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    converted = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"funnel of {self.territory_id}"


class Refresh(models.Model):
    """When the counts were last rebuilt, and how long it took."""

    at = models.DateTimeField()
    seconds = models.FloatField()

    def __str__(self) -> str:
        return str(self.at)
