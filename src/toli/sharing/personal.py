"""Links that a member passed on, what came of them, and by whose link the member came."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.personal_data import Holding, Person, Row, free, register
from toli.sharing.models import Conversion, LinkOpen, OwnConversion, PosterChoice, Reach, ShareLink


def _links(person: Person) -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(member_id=person.member_id)


def _conversions(person: Person) -> QuerySet[Conversion]:
    return Conversion.objects.filter(Q(member_id=person.member_id) | Q(link__member_id=person.member_id))


def _own_conversions(person: Person) -> QuerySet[OwnConversion]:
    return OwnConversion.objects.filter(member_id=person.member_id)


def _choices(person: Person) -> QuerySet[PosterChoice]:
    return PosterChoice.objects.filter(member_id=person.member_id)


def _reach(person: Person) -> QuerySet[Reach]:
    return Reach.objects.filter(member_id=person.member_id)


def _erase_links(person: Person) -> int:
    LinkOpen.objects.filter(link__in=_links(person)).delete()
    return _links(person).delete()[1].get("sharing.ShareLink", 0)


def _export_links(person: Person) -> list[Row]:
    return [
        {
            "code": link.code,
            "kit": link.kit.code,
            "channel": link.channel,
            "created_at": link.created_at,
            "shared_at": link.shared_at,
            "opens": link.opens,
        }
        for link in _links(person).select_related("kit").order_by("pk")
    ]


def _export_conversions(person: Person) -> list[Row]:
    """Only one's own way in: who came by one's links is theirs to tell."""
    theirs = _conversions(person).filter(member_id=person.member_id).values_list("at", flat=True)
    return [{"at": at} for at in (*theirs, *_own_conversions(person).values_list("at", flat=True))]


register(
    Holding(
        key="sharing.links",
        label=_("Links you passed on"),
        tables=("sharing_sharelink",),
        count=lambda person: _links(person).count(),
        erase=_erase_links,
        export=_export_links,
        fields={
            "code": _("Code"),
            "kit": _("Material"),
            "channel": _("Where"),
            "created_at": _("Made"),
            "shared_at": _("Passed on"),
            "opens": _("Opened"),
        },
    )
)
register(
    Holding(
        key="sharing.posters",
        label=_("What stands on your posters"),
        tables=("sharing_posterchoice",),
        count=lambda person: _choices(person).count(),
        erase=lambda person: _choices(person).delete()[0],
        export=lambda person: list(_choices(person).values("shows_name", "shows_place", "shows_photo")),
        fields={"shows_name": _("Your name"), "shows_place": _("Your place"), "shows_photo": _("Your photo")},
    )
)
register(
    Holding(
        key="sharing.conversions",
        label=_("Who came by whose link"),
        tables=("sharing_conversion", "sharing_ownconversion"),
        count=lambda person: _conversions(person).count() + _own_conversions(person).count(),
        erase=lambda person: _conversions(person).delete()[0] + _own_conversions(person).delete()[0],
        export=_export_conversions,
        fields={"at": _("When")},
    )
)
register(
    Holding(
        key="sharing.reach",
        label=_("How many people joined through you"),
        tables=("sharing_reach",),
        count=lambda person: _reach(person).count(),
        erase=lambda person: _reach(person).delete()[0],
        export=lambda person: list(_reach(person).order_by("hop").values("hop", "joined")),
        fields={"hop": _("Over how many people"), "joined": _("Joined")},
    )
)
free(
    sharing_linkopen="keyed hashes of visitors that change each day; go with their link",
    sharing_ownlink="what the organisation posted where; counts",
    sharing_ownlinkopen="keyed hashes of visitors that change each day",
)
