"""The organisation that runs this installation: one row (one organisation, one database)."""

from django.db import models


class OrganisationKind(models.TextChoices):
    """The kind decides which channels may be used at all (compliance/domain/channels.py)."""

    POLITICAL = "political"
    UNION = "union"
    COOPERATIVE = "cooperative"
    NGO = "ngo"


class Organisation(models.Model):
    id = models.SmallIntegerField(primary_key=True, default=1)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    imprint_en = models.CharField(max_length=300)
    imprint_hi = models.CharField(max_length=300)
    privacy_contact = models.CharField(max_length=120)
    brand_colour = models.CharField(max_length=7, default="#0e5566")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_organisation")]

    def __str__(self) -> str:
        return self.name_en

    def label(self, language: str) -> str:
        """The name in ``language``; English where Hindi is missing."""
        return self.name_hi if language == "hi" and self.name_hi else self.name_en
