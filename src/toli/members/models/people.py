"""Members, and how to reach them."""

from typing import Self

from django.conf import settings
from django.db import models

from toli.access.domain.scope import Scope
from toli.members.models.drives import Drive
from toli.territories.models import Node, Territory


class MemberState(models.TextChoices):
    ACTIVE = "active"
    LEFT = "left"
    ERASED = "erased"  # on request: the row is all that is left, without name, number, place and days


class MemberSource(models.TextChoices):
    IMPORT = "import"
    JOIN = "join"


class MemberQuerySet(models.QuerySet["Member"]):
    def within(self, scope: Scope) -> Self:
        """Members whose territory lies in the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))

    def active(self) -> Self:
        return self.filter(state=MemberState.ACTIVE)


class Member(models.Model):
    """A person who belongs to the organisation. Telephone numbers are in :class:`ContactPoint`."""

    name = models.CharField(max_length=120)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="members")
    language = models.CharField(max_length=10, default="hi")
    state = models.CharField(max_length=10, choices=MemberState, default=MemberState.ACTIVE)
    source = models.CharField(max_length=10, choices=MemberSource)
    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    member_from = models.DateField()
    member_until = models.DateField()
    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = MemberQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["territory", "state"], name="member_by_place")]

    def __str__(self) -> str:
        return f"member {self.pk}"


class ContactKind(models.TextChoices):
    PHONE = "phone"


class ContactPoint(models.Model):
    """An address of a member, encrypted; ``value_index`` finds it, ``ordinal`` tells apart the
    members of a family who share one phone (0 for the first)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=ContactKind)
    value_sealed = models.BinaryField()
    value_index = models.BinaryField()
    ordinal = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value_index", "ordinal"], name="one_member_per_address_ordinal")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of member {self.member_id}"


class ErasedNumber(models.Model):
    """A number whose owner's data was erased, as a keyed hash: no list brings them back, a restored backup neither.

    ``member_number`` is the id that they had. It is no foreign key: after a restore it may point to nobody.
    """

    number_hash = models.BinaryField(unique=True)
    member_number = models.BigIntegerField()
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"erased {self.member_number}"
