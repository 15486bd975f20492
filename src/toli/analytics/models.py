"""Counts per territory, rebuilt from the facts; pages read these, never the facts."""

from django.db import models

from toli.territories.models import Territory


class FunnelCount(models.Model):
    """The funnel of the people who live in one territory (not in its branches).

    The first six count members, ``opened`` counts opens of their links, ``converted`` counts people
    who joined through their links.
    """

    territory = models.OneToOneField(Territory, on_delete=models.CASCADE, primary_key=True, related_name="funnel")
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
