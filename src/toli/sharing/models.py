"""Share links, what members report, what citizens do. No address and no cookie of a visitor is kept."""

from django.db import models

from toli.content.models import Kit
from toli.members.models import Member
from toli.territories.models import Territory

SLOT_NOW = "mod(extract(epoch from now())::bigint / 600, 144)::smallint"


class ShareChannel(models.TextChoices):
    """Where a link is passed on. ``OTHER``: by the phone's own menu; the address on posters is of this kind."""

    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    FACEBOOK = "facebook"
    X = "x"
    INSTAGRAM = "instagram"
    OTHER = "other"


class ShareLink(models.Model):
    """A member's own link to a kit on one channel. ``shared_at`` is what the member reported."""

    code = models.CharField(max_length=12, unique=True, db_collation="C")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="links")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="links")
    channel = models.CharField(max_length=12, choices=ShareChannel)
    created_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True)
    opens = models.PositiveIntegerField(default=0)  # human opens, one per visitor and day
    joined = models.PositiveIntegerField(default=0)  # people who became members through it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "member", "channel"], name="one_link_per_channel")]
        indexes = [models.Index(fields=["member", "kit"], name="link_of_member")]

    def __str__(self) -> str:
        return self.code


class PosterChoice(models.Model):
    """What a member wants on their posters. Without a row: name and place, no photo."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")
    shows_name = models.BooleanField(default=True)
    shows_place = models.BooleanField(default=True)
    shows_photo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"poster of member {self.member_id}"


class LinkOpen(models.Model):
    """One visitor's opening of a link on one day. ``visitor`` is a keyed hash that changes daily.

    ``slot``: which ten minutes of the day (UTC, 0 to 143) it was written in, set by the database so that serving a link
    does nothing for it; None for those written before there were slots. It tells bursts, when people are compared.
    """

    # Without an index of its own: one_open_per_visitor_and_day begins with the link.
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, db_index=False)
    day = models.DateField()
    visitor = models.BinaryField()
    slot = models.SmallIntegerField(null=True, db_default=models.Func(template=SLOT_NOW))
    counted = models.BooleanField(
        default=True, db_default=True
    )  # False: the sharer's own device, noted when they shared

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "day", "visitor"], name="one_open_per_visitor_and_day")]

    def __str__(self) -> str:
        return f"{self.link_id} on {self.day}"


TO_CITIZENS = "citizens:"


class OwnLink(models.Model):
    """The organisation's own link to a kit, in what its programs post for a place on a platform, or in messages to
    citizens of a place by a channel (``citizens:sms``)."""

    code = models.CharField(max_length=12, unique=True, db_collation="C")
    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    platform = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    opens = models.PositiveIntegerField(default=0)  # human opens, one per visitor and day
    joined = models.PositiveIntegerField(default=0, db_default=0)  # people who became members through it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "territory", "platform"], name="one_own_link_per_place")
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class OwnLinkOpen(models.Model):
    """One visitor's opening of such a link on one day: see :class:`LinkOpen`."""

    link = models.ForeignKey(OwnLink, on_delete=models.CASCADE)
    day = models.DateField()
    visitor = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "day", "visitor"], name="one_own_open_per_visitor_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.link_id} on {self.day}"


class OwnConversion(models.Model):
    """Someone became a member after opening this link of the organisation's own."""

    link = models.ForeignKey(OwnLink, on_delete=models.PROTECT, related_name="+")
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.member_id} by {self.link_id}"


class Conversion(models.Model):
    """Someone became a member after opening this link."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="conversions")
    member = models.OneToOneField(Member, on_delete=models.CASCADE)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.member_id} by {self.link_id}"


class Reach(models.Model):
    """How many people joined ``hop`` hops from a member: one hop by their own links, two by the links of those."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    hop = models.PositiveSmallIntegerField()
    joined = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "hop"], name="one_reach_per_hop")]

    def __str__(self) -> str:
        return f"{self.joined} at {self.hop} from {self.member_id}"
