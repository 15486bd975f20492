"""Seats: where a member was placed. A seat that is held is given back first, so that the group's count stays true."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from toli.chatgroups.models import ACTIVE_SEATS, Outsider, Seat, WaitingPlace
from toli.chatgroups.services import leave_group
from toli.chatgroups.services.rosters import outsider_hash
from toli.core.personal_data import Holding, Person, Row, free, register


def _seats(person: Person) -> QuerySet[Seat]:
    return Seat.objects.filter(member_id=person.member_id)


def _erase(person: Person) -> int:
    for campaign_id in list(_seats(person).filter(state__in=ACTIVE_SEATS).values_list("campaign_id", flat=True)):
        leave_group(member_id=person.member_id, campaign_id=campaign_id)
    return _seats(person).delete()[0]


def _export(person: Person) -> list[Row]:
    return [
        {
            "group": seat.group.name,
            "state": seat.state,
            "reserved_at": seat.reserved_at,
            "joined_at": seat.joined_at,
            "ended_at": seat.ended_at,
        }
        for seat in _seats(person).select_related("group").order_by("pk")
    ]


register(
    Holding(
        key="chatgroups.seats",
        label=_("Places in chat groups"),
        tables=("chatgroups_seat",),
        count=lambda person: _seats(person).count(),
        erase=_erase,
        export=_export,
        fields={
            "group": _("Group"),
            "state": _("State"),
            "reserved_at": _("Reserved"),
            "joined_at": _("Joined"),
            "ended_at": _("Ended"),
        },
    )
)
free(
    chatgroups_campaign="names of themes",
    chatgroups_divisionpolicy="how deep groups are divided",
    chatgroups_chatgroup="groups and the staff who look after them",
    chatgroups_groupterritory="which places a group serves",
    chatgroups_joinlink="printed codes of places",
    chatgroups_migration="plans of divisions, and the staff who made and approved them",
    chatgroups_wave="when groups were asked for",
    chatgroups_migrationgroup="groups of a plan",
    chatgroups_migrationmove="counts of people by group",
    chatgroups_oldgroup="groups that were divided",
    chatgroups_announcement="what staff posted in groups",
    chatgroups_roster="counts of who was in a group, and the staff who looked",
    chatgroups_retiredlink="hashes of addresses of groups",
)


def _seen(person: Person) -> QuerySet[Outsider]:
    return Outsider.objects.filter(number_hash__in=[outsider_hash(phone) for phone in person.phones])


register(
    Holding(
        key="chatgroups.outsiders",
        label=_("Groups in which the number was seen without a place"),
        tables=("chatgroups_outsider",),
        count=lambda person: _seen(person).count(),
        erase=lambda person: _seen(person).delete()[0],
        export=lambda person: [
            {"group": row.group.name, "first_seen_at": row.first_seen_at, "last_seen_at": row.last_seen_at}
            for row in _seen(person).select_related("group").order_by("pk")
        ],
        fields={"group": _("Group"), "first_seen_at": _("First seen"), "last_seen_at": _("Last seen")},
    )
)


def _waiting(person: Person) -> QuerySet[WaitingPlace]:
    return WaitingPlace.objects.filter(member_id=person.member_id)


register(
    Holding(
        key="chatgroups.waiting",
        label=_("Waiting for a place in a group"),
        tables=("chatgroups_waitingplace",),
        count=lambda person: _waiting(person).count(),
        erase=lambda person: _waiting(person).delete()[0],
        export=lambda person: [
            {"campaign": row.campaign.code, "since_at": row.since_at, "ended_at": row.ended_at}
            for row in _waiting(person).select_related("campaign").order_by("pk")
        ],
        fields={"campaign": _("Campaign"), "since_at": _("Since"), "ended_at": _("Ended")},
    )
)
