"""What is kept of a member: the person, their numbers, their consents, who looked at them, lists they stood in."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.core import append_only, clock
from toli.core.personal_data import Holding, Person, Row, free, free_text, register
from toli.members import selectors
from toli.members.models import (
    Citizen,
    ConsentRecord,
    ContactPoint,
    ExportRow,
    ImportChange,
    JoinCode,
    LikelyPair,
    Member,
    MemberGrade,
    MemberState,
    PastMembership,
    Reveal,
)
from toli.members.selectors.citizens import number_hash
from toli.members.services import delete_exports_with
from toli.members.services.citizens import end_agreement
from toli.territories import selectors as territories

NAMELESS = "—"
PLAIN_EVIDENCE = ["page", "code", "sent_for", "sent_by"]  # says how a word was given, and nothing of the person


# -- the person ------------------------------------------------------------------------------------


def _member(person: Person) -> QuerySet[Member]:
    return Member.objects.filter(pk=person.member_id).exclude(state=MemberState.ERASED)


def _erase_member(person: Person) -> int:
    """Leave a row that says nothing: a small place and the day of joining would point to somebody in a village."""
    for member in _member(person).select_for_update(of=("self",)).select_related("territory"):
        member.name, member.name_keys = NAMELESS, ""
        member.account, member.state = None, MemberState.ERASED
        member.territory = territories.ancestors(EVERYWHERE, member.territory)[0]
        member.language = "hi"
        member.member_from = member.member_from.replace(month=1, day=1)
        member.member_until = member.member_until.replace(month=1, day=1)
        member.grade, member.since = MemberGrade.PRIMARY, None
        member.created_at = member.updated_at = clock.now()
        member.save()
        LikelyPair.objects.filter(Q(first=member) | Q(second=member)).delete()
        return 1
    return 0


def _export_member(person: Person) -> list[Row]:
    return [
        {
            "name": member.name,
            "territory": f"{member.territory.label(member.language)} ({member.territory.code})",
            "language": member.language,
            "state": member.state,
            "source": member.source,
            "drive": member.drive.code,
            "member_from": member.member_from,
            "member_until": member.member_until,
            "grade": member.get_grade_display(),
            "since": member.holds_since,
            "created_at": member.created_at,
        }
        for member in _member(person).select_related("territory", "drive")
    ]


register(
    Holding(
        key="members.member",
        label=_("You as a member"),
        tables=("members_member",),
        count=lambda person: _member(person).count(),
        erase=_erase_member,
        export=_export_member,
        fields={
            "name": _("Name"),
            "territory": _("Place"),
            "language": _("Language"),
            "state": _("State"),
            "source": _("Came by"),
            "drive": _("Membership drive"),
            "member_from": _("Member since"),
            "member_until": _("Member until"),
            "grade": _("Class"),
            "since": _("As it is now since"),
            "created_at": _("Noted"),
        },
    )
)


# -- the membership over time ----------------------------------------------------------------------


def _past(person: Person) -> QuerySet[PastMembership]:
    return PastMembership.objects.filter(member_id=person.member_id)


def _erase_past(person: Person) -> int:
    with append_only.opened("the person asked for erasure: days and places would point to somebody in a village"):
        return _past(person).delete()[0]


def _export_past(person: Person) -> list[Row]:
    return [
        {
            "from_on": row.from_on,
            "to_on": row.to_on,
            "territory": row.territory.code,
            "grade": row.get_grade_display(),
            "state": row.state,
            "member_until": row.member_until,
            "reason": row.get_reason_display(),
            "recorded_at": row.recorded_at,
        }
        for row in _past(person).select_related("territory").order_by("from_on", "pk")
    ]


register(
    Holding(
        key="members.history",
        label=_("Your membership as it was before"),
        tables=("members_pastmembership",),
        count=lambda person: _past(person).count(),
        erase=_erase_past,
        export=_export_past,
        fields={
            "from_on": _("From"),
            "to_on": _("To"),
            "territory": _("Place"),
            "grade": _("Class"),
            "state": _("State"),
            "member_until": _("Member until"),
            "reason": _("Why it changed"),
            "recorded_at": _("When"),
        },
    )
)


# -- numbers ---------------------------------------------------------------------------------------


def _points(person: Person) -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(member_id=person.member_id)


register(
    Holding(
        key="members.numbers",
        label=_("Mobile number"),
        tables=("members_contactpoint",),
        count=lambda person: _points(person).count(),
        erase=lambda person: _points(person).delete()[0],
        export=lambda person: [{"number": phone} for phone in person.phones],
        fields={"number": _("Number")},
    )
)


# -- consent ---------------------------------------------------------------------------------------


def _consents(person: Person) -> QuerySet[ConsentRecord]:
    return ConsentRecord.objects.filter(member_id=person.member_id)


def _count_telling(person: Person) -> int:
    return sum(bool(set(row.evidence) - set(PLAIN_EVIDENCE)) for row in _consents(person))


def _strip_evidence(person: Person) -> int:
    stripped = [row for row in _consents(person) if set(row.evidence) - set(PLAIN_EVIDENCE)]
    for row in stripped:
        row.evidence = {key: value for key, value in row.evidence.items() if key in PLAIN_EVIDENCE}
    with append_only.opened("the person asked for erasure; what is evidence of the consent itself stays"):
        ConsentRecord.objects.bulk_update(stripped, ["evidence"])
    return len(stripped)


def _export_consents(person: Person) -> list[Row]:
    return [
        {
            "at": row.at,
            "purpose": row.purpose,
            "channel": row.channel,
            "given": row.given,
            "notice": row.notice_version,
            "language": row.language,
            "evidence": row.evidence,
        }
        for row in _consents(person).order_by("at", "pk")
    ]


register(
    Holding(
        key="members.consents",
        label=_("What you agreed to and took back"),
        tables=("members_consentrecord",),
        count=_count_telling,
        erase=_strip_evidence,
        export=_export_consents,
        fields={
            "at": _("When"),
            "purpose": _("What for"),
            "channel": _("By which way"),
            "given": _("Agreed"),
            "notice": _("Version of the notice"),
            "language": _("Language"),
            "evidence": _("How we know"),
        },
        kept_because=_("Whoever writes to people has to be able to show that they had agreed, also afterwards."),
    )
)


# -- before they were members ----------------------------------------------------------------------


def _as_citizen(person: Person) -> QuerySet[Citizen]:
    return Citizen.objects.agreed().filter(number_hash__in=[number_hash(phone) for phone in person.phones])


def _erase_as_citizen(person: Person) -> int:
    found = list(_as_citizen(person))
    for citizen in found:
        end_agreement(actor=SYSTEM, citizen_id=citizen.pk, language=citizen.language, page="erasure")
    return len(found)


def _export_as_citizen(person: Person) -> list[Row]:
    return [
        {"at": row.at, "territory": row.citizen.territory.code, "channel": row.channel, "given": row.given,
         "notice": row.notice_version, "language": row.language}
        for row in ConsentRecord.objects.filter(citizen__in=_as_citizen(person))
        .select_related("citizen__territory").order_by("pk")
        if row.citizen
    ]  # fmt: skip


register(
    Holding(
        key="members.citizen",
        label=_("What you agreed to without being a member"),
        tables=("members_citizen",),
        count=lambda person: _as_citizen(person).count(),
        erase=_erase_as_citizen,
        export=_export_as_citizen,
        fields={
            "at": _("When"),
            "territory": _("Place"),
            "channel": _("By which way"),
            "given": _("Agreed"),
            "notice": _("Version of the notice"),
            "language": _("Language"),
        },
        kept_because=_("Whoever writes to people has to be able to show that they had agreed, also afterwards."),
    )
)


# -- before an import ------------------------------------------------------------------------------


def _changes(person: Person) -> QuerySet[ImportChange]:
    return ImportChange.objects.filter(member_id=person.member_id)


register(
    Holding(
        key="members.import_changes",
        label=_("How you were noted before a list was imported"),
        tables=("members_importchange",),
        count=lambda person: _changes(person).count(),
        erase=lambda person: _changes(person).delete()[0],
        export=lambda person: [
            {"name": row.name, "territory": row.territory.code, "language": row.language, "at": row.at}
            for row in _changes(person).select_related("territory")
        ],
        fields={"name": _("Name"), "territory": _("Place"), "language": _("Language"), "at": _("When")},
    )
)


# -- looks and lists -------------------------------------------------------------------------------


def _reveals(person: Person) -> QuerySet[Reveal]:
    return Reveal.objects.filter(member_id=person.member_id).exclude(note="")


def _erase_notes(person: Person) -> int:
    with append_only.opened("the person asked for erasure; that somebody looked, and who, stays"):
        return _reveals(person).update(note="")


def _export_reveals(person: Person) -> list[Row]:
    found = Reveal.objects.filter(member_id=person.member_id).select_related("role").order_by("at", "pk")
    return [
        {"at": row.at, "role": row.role.code if row.role else "", "reason": row.reason, "note": row.note}
        for row in found
    ]


def _listed(person: Person) -> QuerySet[ExportRow]:
    return ExportRow.objects.filter(member_id=person.member_id)


def _erase_listed(person: Person) -> int:
    delete_exports_with(member_id=person.member_id)
    return _listed(person).update(member=None)


def _export_lists(person: Person) -> list[Row]:
    member = Member.objects.filter(pk=person.member_id).first()
    lists = selectors.lists_with(member, limit=10_000) if member else []
    return [
        {"made_at": item.made_at, "purpose": item.purpose, "columns": ", ".join(item.columns), "ref": item.pk}
        for item in lists
    ]


register(
    Holding(
        key="members.reveals",
        label=_("Who looked at your number"),
        tables=("members_reveal",),
        count=lambda person: _reveals(person).count(),
        erase=_erase_notes,
        export=_export_reveals,
        fields={"at": _("When"), "role": _("Role"), "reason": _("Reason"), "note": _("In their words")},
        kept_because=_("Staff answer for whom they looked at, also after that person's data is erased."),
    )
)
register(
    Holding(
        key="members.lists",
        label=_("Lists you stood in"),
        tables=("members_exportrow", "members_export"),
        count=lambda person: _listed(person).count(),
        erase=_erase_listed,
        export=_export_lists,
        fields={"made_at": _("When"), "purpose": _("What for"), "columns": _("What it held"), "ref": _("List")},
    )
)


def _codes(person: Person) -> QuerySet[JoinCode]:
    return JoinCode.objects.filter(inviter_id=person.member_id)


def _export_codes(person: Person) -> list[Row]:
    return [{"code": row.code, "made_at": row.made_at, "joined": row.joined} for row in _codes(person)]


register(
    Holding(
        key="members.join_codes",
        label=_("Your link to invite others"),
        tables=("members_joincode",),
        count=lambda person: _codes(person).count(),
        erase=lambda person: _codes(person).delete()[0],
        export=_export_codes,
        fields={"code": _("Code"), "made_at": _("Made"), "joined": _("Joined by it")},
    )
)
free(
    members_drivecount="numbers of people by day and place",
    members_drive="public facts",
    members_merge="ids of two entries of one person, and on what a word went over",
    members_likelypair="ids of two entries and why they may be one person; goes with either of them",
    members_importrun="names of files and counts",
    members_importmapping="which column of a list holds what",
    members_importchunk="ids of the members that a piece of a list made",
    members_importproblem="rows that were refused, without name and number; values that were wrong are blotted out",
    members_erasednumber="keyed hashes that keep an erasure from being undone",
)
free_text(
    "members_importrun.file_name",
    "members_importrun.path",
    "members_importproblem.params",
    "members_export.purpose",
    "members_reveal.note",
)
