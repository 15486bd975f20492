"""Chat groups, the seats in them, and the campaign (theme) they belong to."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.members.models import Member
from toli.territories.models import Level, Node, Territory


class Platform(models.TextChoices):
    WHATSAPP = "whatsapp", "WhatsApp"
    TELEGRAM = "telegram", "Telegram"
    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    SIGNAL = "signal", "Signal"


class GroupKind(models.TextChoices):
    """The keys of chatgroups/domain/kinds.py, with the words for them."""

    WHATSAPP_GROUP = "whatsapp_group", _("WhatsApp group")
    WHATSAPP_COMMUNITY = "whatsapp_community", _("WhatsApp community")
    WHATSAPP_CHANNEL = "whatsapp_channel", _("WhatsApp channel")
    TELEGRAM_GROUP = "telegram_group", _("Telegram group")
    TELEGRAM_CHANNEL = "telegram_channel", _("Telegram channel")
    FACEBOOK_GROUP = "facebook_group", _("Facebook group")
    FACEBOOK_PAGE = "facebook_page", _("Facebook page")
    INSTAGRAM_CHANNEL = "instagram_channel", _("Instagram broadcast channel")
    SIGNAL_GROUP = "signal_group", _("Signal group")


class Campaign(models.Model):
    """One theme that runs through all groups, such as "Connect 2029"."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=80)
    name_hi = models.CharField(max_length=80)
    platform = models.CharField(max_length=20, choices=Platform)
    provider = models.CharField(max_length=40)  # key of a GroupProvider
    naming_pattern = models.CharField(max_length=80, default="{campaign} · {territory} · {number}")
    capacity = models.PositiveIntegerField(default=1024)
    target_size = models.PositiveIntegerField(default=900)
    minimum_size = models.PositiveIntegerField(default=1)  # people that are worth a group of their own
    community_limit = models.PositiveIntegerField(default=50)  # groups that one community of the platform holds
    nearly_full_percent = models.PositiveSmallIntegerField(default=85)  # from here on a further group is asked for
    supply_days = models.PositiveSmallIntegerField(
        default=3
    )  # from asking for a group until it is open, at the slowest
    description_en = models.CharField(
        max_length=500, blank=True
    )  # of each group, to be pasted; {territory} stands in it
    description_hi = models.CharField(max_length=500, blank=True)
    rules_en = models.CharField(max_length=800, blank=True)
    rules_hi = models.CharField(max_length=800, blank=True)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target_size__gte=2, target_size__lte=F("capacity")), name="target_within_capacity"
            ),
            models.CheckConstraint(
                condition=Q(minimum_size__gte=1, minimum_size__lte=(F("target_size") + 1) / 2, community_limit__gte=1),
                name="minimum_up_to_half_of_target",
            ),
            models.CheckConstraint(
                condition=Q(nearly_full_percent__gte=1, nearly_full_percent__lte=99), name="nearly_full_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DivisionPolicy(models.Model):
    """How deep the groups of one state are divided, and how far they are divided now."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="policies")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    depth = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "territory"], name="one_policy_per_state")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.territory_id}: {self.depth_id}"


class GroupState(models.TextChoices):
    PLANNED = "planned", _("Planned")  # nobody has been asked yet
    ASKED = "asked", _("Asked for")  # a named person has been asked to create it
    OPEN = "open", _("Open")
    DIVIDING = "dividing", _("Being divided")  # its people move as its successors open
    DIVIDED = "divided", _("Divided")  # its people have seats in its successors
    NEWS = "news", _("Announcements only")  # divided, and kept to tell its people something
    ARCHIVED = "archived", _("Archived")


class ChatGroupQuerySet(models.QuerySet["ChatGroup"]):
    def within(self, scope: Scope) -> Self:
        """Groups that serve at least one territory of the scope."""
        if scope.everywhere:
            return self
        inside = Node.objects.within_paths(scope.paths).values("territory_id")
        return self.filter(pk__in=GroupTerritory.objects.filter(territory_id__in=inside).values("group_id"))


class ChatGroup(models.Model):
    """A space of any kind on any platform: people are placed in the ``seated`` ones, the others are for announcements.

    ``taken`` counts reserved, invited and joined seats; the database keeps it within capacity. ``outsiders``: people
    who were in the group without a seat when somebody last looked (services/rosters.py); their places cannot be given
    to anybody. A ``capacity`` of 0: the platform states no limit, and nobody is placed there.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="groups")
    kind = models.CharField(max_length=20, choices=GroupKind, default=GroupKind.WHATSAPP_GROUP)
    seated = models.BooleanField(default=True)
    community = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="holds")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")  # smallest that holds all
    name = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=GroupState, default=GroupState.ASKED)
    capacity = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    outsiders = models.PositiveIntegerField(default=0)
    join_address = models.CharField(max_length=200, blank=True)
    link_changed_at = models.DateTimeField(null=True)
    link_leaked_at = models.DateTimeField(null=True)  # since then nobody is sent there, until the link is changed
    admin = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    deputy_confirmed_at = models.DateTimeField(null=True)  # somebody said that they are an admin on the platform too
    predecessor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="successors")
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    objects = ChatGroupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="never_above_capacity"),
            models.UniqueConstraint(fields=["campaign", "territory", "number"], name="group_number_in_territory"),
            models.UniqueConstraint(
                fields=["join_address"], condition=~Q(join_address=""), name="one_group_per_address"
            ),
            models.CheckConstraint(condition=~Q(deputy=F("admin")), name="deputy_is_somebody_else"),
        ]
        indexes = [models.Index(fields=["campaign", "state"], name="group_by_state")]

    def __str__(self) -> str:
        return self.name


class RetiredLink(models.Model):
    """A join address that is no longer to be used: a keyed hash, so that it is refused from then on."""

    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, related_name="+")
    link_hash = models.BinaryField(unique=True)
    retired_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"retired link of {self.group_id}"


class Roster(models.Model):
    """What somebody who looked into a group found: counts only. See chatgroups/domain/rosters.py for the words."""

    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, related_name="rosters")
    at = models.DateTimeField()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10)
    people = models.PositiveIntegerField()
    here = models.PositiveIntegerField()
    here_by_name = models.PositiveIntegerField()
    gone = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    elsewhere = models.PositiveIntegerField()  # members without a seat in this group
    strangers = models.PositiveIntegerField()
    unknown_names = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["group", "-at"], name="roster_latest")]

    def __str__(self) -> str:
        return f"roster of {self.group_id}"


class Outsider(models.Model):
    """Somebody without a seat who was seen in a group: a keyed hash of the number, so that one is known again."""

    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, related_name="+")
    number_hash = models.BinaryField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "number_hash"], name="outsider_once")]

    def __str__(self) -> str:
        return f"outsider in {self.group_id}"


class GroupTerritory(models.Model):
    """A territory that a group serves. A large territory is served by several groups.

    ``giving_up``: its members move as the groups open that shall serve it; until then they are at home here.
    """

    group = models.ForeignKey(ChatGroup, on_delete=models.CASCADE, related_name="serves")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)
    giving_up = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "territory"], name="serves_once")]

    def __str__(self) -> str:
        return f"{self.group_id} serves {self.territory_id}"


class SeatState(models.TextChoices):
    RESERVED = "reserved"  # kept for the member
    INVITED = "invited"  # the member was sent to the group's own join address
    JOINED = "joined"  # the member or the admin confirmed it
    LEFT = "left"
    MOVED = "moved"
    EXPIRED = "expired"


ACTIVE_SEATS = (SeatState.RESERVED, SeatState.INVITED, SeatState.JOINED)


class Seat(models.Model):
    """A member's place in a group. ``campaign`` stands here too, for the rule of one active seat."""

    # Without indexes of their own: seat_by_group begins with the group, and a campaign is nearly all of the table. Each
    # one would be written to for each seat.
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, db_index=False)
    group = models.ForeignKey(ChatGroup, on_delete=models.PROTECT, related_name="seats", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(max_length=10, choices=SeatState)
    reserved_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "campaign"],
                condition=Q(state__in=["reserved", "invited", "joined"]),
                name="one_active_seat",
            )
        ]
        indexes = [
            models.Index(fields=["group", "state"], name="seat_by_group"),
            models.Index(
                fields=["reserved_at"], condition=Q(state__in=["reserved", "invited"]), name="seat_not_joined"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.group_id}: {self.state}"


class WaitingPlace(models.Model):
    """A card holder for whom no group has a free seat yet; served in order. Open while ``ended_at`` is empty."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")  # where they live
    since_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seat = models.ForeignKey("Seat", on_delete=models.SET_NULL, null=True, related_name="+")  # how it ended, if well
    told_at = models.DateTimeField(null=True)  # when they were written to about it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "campaign"], condition=Q(ended_at__isnull=True), name="waits_once"
            )
        ]
        indexes = [
            models.Index(fields=["campaign", "since_at"], condition=Q(ended_at__isnull=True), name="waiting_in_order"),
            models.Index(
                fields=["campaign", "territory", "id"], condition=Q(ended_at__isnull=True), name="waiting_by_place"
            ),
            models.Index(
                fields=["id"],
                condition=Q(ended_at__isnull=False, seat__isnull=False, told_at__isnull=True),
                name="seated_not_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} waits for {self.campaign_id}"


class JoinLink(models.Model):
    """The permanent address of a territory (``/j/<code>``): the only thing ever printed."""

    code = models.CharField(max_length=12, unique=True, db_collation="C")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "territory"], name="one_join_link")]

    def __str__(self) -> str:
        return self.code
