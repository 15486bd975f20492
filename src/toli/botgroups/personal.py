"""A member's account on the platform and where it was seen. Erasing has them leave every group first."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from toli.botgroups.models import Code, Order, PlatformAccount, Presence
from toli.botgroups.services import forget_person
from toli.core.personal_data import Holding, Person, Row, free, register


def _accounts(person: Person) -> QuerySet[PlatformAccount]:
    return PlatformAccount.objects.filter(member_id=person.member_id)


def _hashes(person: Person) -> list[bytes]:
    return [bytes(found) for found in _accounts(person).values_list("person_hash", flat=True)]


def _presences(person: Person) -> QuerySet[Presence]:
    return Presence.objects.filter(person_hash__in=_hashes(person))


def _orders(person: Person) -> QuerySet[Order]:
    return Order.objects.filter(person_hash__in=_hashes(person))


def _count(person: Person) -> int:
    return _accounts(person).count() + _presences(person).count() + _orders(person).count()


def _export(person: Person) -> list[Row]:
    seen = _presences(person).select_related("chat__group").order_by("pk")
    rows: list[Row] = [{"at": account.connected_at, "group": "", "inside": ""} for account in _accounts(person)]
    return rows + [
        {"at": row.at, "group": row.chat.group.name if row.chat.group else "", "inside": row.inside} for row in seen
    ]


register(
    Holding(
        key="botgroups.accounts",
        label=_("Your account on the platform of your group"),
        tables=("botgroups_platformaccount", "botgroups_presence", "botgroups_order"),
        count=_count,
        erase=lambda person: forget_person(member_id=person.member_id),
        export=_export,
        fields={"at": _("When"), "group": _("Group"), "inside": _("In the group")},
    )
)
register(
    Holding(
        key="botgroups.codes",
        label=_("Codes for starting the bot"),
        tables=("botgroups_code",),
        count=lambda person: Code.objects.filter(member_id=person.member_id).count(),
        erase=lambda person: Code.objects.filter(member_id=person.member_id).delete()[0],
        export=lambda person: [
            {"made_at": code.made_at, "used_at": code.used_at}
            for code in Code.objects.filter(member_id=person.member_id).order_by("pk")
        ],
        fields={"made_at": _("Made"), "used_at": _("Used")},
    )
)
free(
    botgroups_bot="the organisation's own bot",
    botgroups_chat="groups on the platform",
    botgroups_update="sealed until it is worked off within minutes, then an empty number; found by nobody",
)
