"""Membership cards: a number and a signature, so that a card can be checked without our database."""

from django.db import models
from django.db.models import Q

from toli.members.models import Member


class Card(models.Model):
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cards")
    number = models.CharField(max_length=10, unique=True, db_collation="C")
    issued_on = models.DateField()
    valid_until = models.DateField()
    key_version = models.PositiveSmallIntegerField()
    signature = models.BinaryField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=200, blank=True)
    welcomed_at = models.DateTimeField(null=True)
    welcome_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(revoked_at__isnull=True), name="one_valid_card")
        ]

    def __str__(self) -> str:
        return self.number
