"""Membership cards: a number and a signature, so that a card can be checked without our database."""

from django.db import models
from django.db.models import Q

from toli.members.models import Member


class Card(models.Model):
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cards")
    number = models.CharField(max_length=10, unique=True, db_collation="C")
    grade = models.CharField(max_length=1, db_default="", default="", blank=True)  # of the second form, as is place
    place = models.CharField(max_length=20, db_default="", default="", blank=True)
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


class Photo(models.Model):
    """A member's photo for the card, sealed: a JPEG in base 64. ``shown_when_checked``: they want it on the page of
    whoever checks the card."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="photo")
    picture_sealed = models.BinaryField()
    shown_when_checked = models.BooleanField(default=False)
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"photo of member {self.member_id}"


class EndedCard(models.Model):
    """A card whose holder was erased, as the tag that stands in the list of revoked cards: a number without anybody."""

    tag = models.BinaryField(primary_key=True)
    valid_until = models.DateField()

    def __str__(self) -> str:
        return bytes(self.tag).hex()


class WithdrawnKey(models.Model):
    """A signing key that somebody else may have: what it signed no longer counts."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    withdrawn_at = models.DateTimeField()
    because = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"key {self.version}"


class RevokedList(models.Model):
    """The signed list of revoked cards as it is published; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    content = models.BinaryField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_revoked_list")]

    def __str__(self) -> str:
        return f"revoked cards of {self.issued_at}"
