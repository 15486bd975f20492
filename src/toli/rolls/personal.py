"""What rolls keep of a member: a line in each roll that they stand in, and what was objected about them."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.personal_data import Holding, Person, Row, free, register
from toli.rolls.models import Challenge, RollLine


def _lines(person: Person) -> QuerySet[RollLine]:
    return RollLine.objects.filter(member_id=person.member_id)


def _erase(person: Person) -> int:
    """Blot the particulars out, with the salt: nothing can be matched with the commitment any more."""
    return _lines(person).update(member=None, salt=None, name="", card="", masked_number="")


def _export(person: Person) -> list[Row]:
    return [
        {
            "day": line.roll.day,
            "territory": line.roll.territory.code,
            "place": line.territory.code,
            "grade": line.get_grade_display(),
            "name": line.name,
            "card": line.card,
            "ref": line.ref,
        }
        for line in _lines(person).filter(~Q(name="")).select_related("roll__territory", "territory").order_by("pk")
    ]


register(
    Holding(
        key="rolls.lines",
        label=_("Rolls of members that you stand in"),
        tables=("rolls_rollline",),
        count=lambda person: _lines(person).count(),
        erase=_erase,
        export=_export,
        fields={
            "day": _("Day of the roll"),
            "territory": _("Roll of"),
            "place": _("Place"),
            "grade": _("Class"),
            "name": _("Name"),
            "card": _("Card number"),
            "ref": _("Mark"),
        },
        kept_because=_("An election rests on the roll: that somebody stood in it stays, who it was does not."),
    )
)


def _challenges(person: Person) -> QuerySet[Challenge]:
    return Challenge.objects.filter(member_id=person.member_id)


def _erase_challenges(person: Person) -> int:
    """What supplements are hashed from stays: mark, class, place and commitment."""
    blank = dict.fromkeys(("reason", "note", "name", "card", "masked_number"), "")
    return _challenges(person).update(member=None, salt=None, **blank)


def _export_challenges(person: Person) -> list[Row]:
    found = _challenges(person).select_related("roll__territory").order_by("pk")
    return [
        {
            "day": item.roll.day,
            "territory": item.roll.territory.code,
            "kind": item.get_kind_display(),
            "reason": item.reason,
            "raised_at": item.raised_at,
            "state": item.get_state_display(),
            "note": item.note,
        }
        for item in found
    ]


register(
    Holding(
        key="rolls.challenges",
        label=_("Objections to rolls that concern you"),
        tables=("rolls_challenge",),
        count=lambda person: _challenges(person).count(),
        erase=_erase_challenges,
        export=_export_challenges,
        fields={
            "day": _("Day of the roll"),
            "territory": _("Roll of"),
            "kind": _("What is wrong"),
            "reason": _("Reason"),
            "raised_at": _("When"),
            "state": _("State"),
            "note": _("Why it was decided so"),
        },
        kept_because=_(
            "An election rests on the roll and its supplements: what was decided stays, about whom does not."
        ),
    )
)
free(rolls_roll="counts and a hash, for a place and a day", rolls_supplement="a number and hashes")
