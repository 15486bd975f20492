"""Membership drives."""

from django.db import models

from toli.territories.models import Territory


class Drive(models.Model):
    """A membership drive: a time in which people can join, on a territory."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    opens_on = models.DateField()
    closes_on = models.DateField()
    term_months = models.PositiveSmallIntegerField(default=36)
    notice_version = models.CharField(max_length=20)
    target = models.PositiveIntegerField(default=0)  # members to win; 0: none was named

    def __str__(self) -> str:
        return self.code
