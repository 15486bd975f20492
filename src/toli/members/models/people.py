"""Members, and how to reach them."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models.drives import Drive
from toli.territories.models import Node, Territory


class MemberState(models.TextChoices):
    ACTIVE = "active"
    LAPSED = "lapsed"  # the term and its days of grace are over; renewing makes it active again
    LEFT = "left"
    HELD = "held"  # joined, but in a batch that somebody checks first: no card, no seat, no message
    MERGED = "merged"  # another entry of the same person, to which ``merged_into`` points, stands for this one
    ERASED = "erased"  # on request: the row is all that is left, without name, number, place and days


class MemberGrade(models.TextChoices):
    PRIMARY = "primary", _("Primary member")
    ACTIVE = "active", _("Active member")


class MemberSource(models.TextChoices):
    IMPORT = "import"
    JOIN = "join"
    CAMP = "camp"  # written down by a coordinator, confirmed by the person


class MemberQuerySet(models.QuerySet["Member"]):
    def within(self, scope: Scope) -> Self:
        """Members whose territory lies in the scope."""
        if scope.everywhere:
            return self
        return self.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))

    def active(self) -> Self:
        return self.filter(state=MemberState.ACTIVE)

    def known(self) -> Self:
        """Also those whose term is over: they may still sign in, renew and leave."""
        return self.filter(state__in=(MemberState.ACTIVE, MemberState.LAPSED))


class Member(models.Model):
    """A person who belongs to the organisation. Telephone numbers are in :class:`ContactPoint`.

    Place, class, term and state are the version of the membership that holds ``since`` a day; without one, since
    ``member_from``. They change through services/history.py alone, which keeps the version that ends
    (:class:`toli.members.models.history.PastMembership`).

    ``name_keys``: a key for each word of the name, for finding it in any script; written by whoever writes the name.
    """

    name = models.CharField(max_length=120)
    name_keys = models.TextField(default="", blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="members")
    language = models.CharField(max_length=10, default="hi")
    grade = models.CharField(
        max_length=10, choices=MemberGrade, default=MemberGrade.PRIMARY, db_default=MemberGrade.PRIMARY
    )
    state = models.CharField(max_length=10, choices=MemberState, default=MemberState.ACTIVE)
    source = models.CharField(max_length=10, choices=MemberSource)
    drive = models.ForeignKey(Drive, on_delete=models.PROTECT)
    member_from = models.DateField()
    member_until = models.DateField()
    since = models.DateField(null=True, blank=True)
    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = MemberQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["territory", "state"], name="member_by_place"),
            GinIndex(
                Func(Func(F("name_keys"), Value(" "), function="string_to_array"), function="array_to_tsvector"),
                name="member_by_name_keys",
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"

    @property
    def holds_since(self) -> date:
        """The first day of the version that holds now."""
        return self.since or self.member_from


class ContactKind(models.TextChoices):
    PHONE = "phone"


class ContactPoint(models.Model):
    """An address of a member, encrypted; ``value_index`` finds it, ``tail_index`` its last four digits; ``ordinal``
    tells apart the members of a family who share one phone (0 for the first)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=ContactKind)
    value_sealed = models.BinaryField()
    value_index = models.BinaryField()
    tail_index = models.BinaryField(default=b"")
    ordinal = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value_index", "ordinal"], name="one_member_per_address_ordinal")
        ]
        indexes = [models.Index(fields=["tail_index"], name="contact_by_tail")]

    def __str__(self) -> str:
        return f"{self.kind} of member {self.member_id}"


class ErasedNumber(models.Model):
    """A number whose owner's data was erased, as a keyed hash: no list brings them back, a restored backup neither.
    Or a number whose owner never joined: no list brings them back.

    ``member_number`` is the id that they had. It is no foreign key: after a restore it may point to nobody.
    """

    number_hash = models.BinaryField(unique=True)
    member_number = models.BigIntegerField()
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"erased {self.member_number}"
