"""The person decides: a member by their own act, or "this is not me"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core import signing
from django.db import transaction

from toli.accounts.domain.actor import ANONYMOUS
from toli.audit import services as audit
from toli.core import jobs, wall
from toli.core.domain.phone import masked
from toli.enrolment.errors import ChoiceMissing, InvitationOver
from toli.enrolment.models import Application, State
from toli.enrolment.services.applications.ending import end
from toli.enrolment.services.applications.numbers import hash_of, number_of, open_with_number
from toli.enrolment.services.guarding.joining import Joined, join, lock_before
from toli.members import selectors as members
from toli.members.models import MemberSource
from toli.members.services import Source, Step, count_step
from toli.members.services.locking import lock_number

SALT = "toli.enrolment.invitation"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the link shows. ``versions``: each entry with this number that can be chosen. ``known``: somebody with this
    number is a member. ``held``: being checked, so that it can only be refused."""

    versions: Sequence[Application]
    masked_phone: str
    known: bool
    held: bool


def invitation_path(application: Application) -> str:
    """The address, below the site's root, by which the person answers."""
    return "/e/" + signing.dumps(application.pk, salt=SALT)


@transaction.atomic
@wall.lifted("the signed link stands for the person whom it was sent to")
def find_invitation(*, token: str) -> Invitation:
    """What was written down about the person. Raises InvitationOver."""
    return _look(_entries(token))


def _look(found: list[Application]) -> Invitation:
    number = number_of(found[0])
    versions = [one for one in found if one.state != State.HELD]
    return Invitation(versions, masked(number), bool(members.find_all_by_phone(number)), not versions)


@transaction.atomic
@wall.lifted("the signed link stands for the person whom it was sent to")
def refuse_invitation(*, token: str) -> None:
    """This is not me, or I do not want it: name and number go now, and nobody writes them down again.

    Raises InvitationOver.
    """
    found = _entries(token)
    said_no = hash_of(number_of(found[0]))
    for one in found:
        end(one, State.DECLINED, "not_me", said_no_hash=said_no)
        audit.record_act(
            ANONYMOUS,
            action="enrolment.not_me",
            target=f"application:{one.pk}",
            territory_id=one.territory_id,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person wrote. ``application_id``: which version is theirs. ``another``: they are somebody else of the
    family than the member who has this number. ``ask_family``: the other versions are people of the family, too."""

    application_id: int
    name: str
    territory_code: str
    language: str
    consents: Mapping[str, bool]
    another: bool = False
    ask_family: bool = False


@transaction.atomic
@wall.lifted("the signed link stands for the person whom it was sent to")
def confirm_invitation(*, token: str, choice: Choice, device: str = "") -> Joined | None:
    """Make the person a member, as they wrote it themselves, or hold them for a check. None: they are a member already,
    so all that is open for this number is settled. ``device``: what the phone is known by on which they say yes.

    Raises:
        InvitationOver. ChoiceMissing: not one of the versions that the link shows. What enrol_member raises.
    """
    _lock_sources(choice, device)
    found = _entries(token)
    chosen = next((one for one in found if one.pk == choice.application_id and one.state != State.HELD), None)
    if chosen is None:
        raise ChoiceMissing
    number = number_of(chosen)
    known = {member.pk for member in members.find_all_by_phone(number)}
    joined = _enrol(chosen, number, choice, device)
    member = joined.member
    if member.pk in known:
        _settle(found, "already_member")
        return None
    end(chosen, State.CHECKED if joined.held else State.CONFIRMED, "", member=member)
    for step in (Step.CODE, Step.PLACE, Step.JOINED):  # the link reached their phone; they said where they live
        count_step(drive=chosen.drive, territory=member.territory, step=step, source=Source.CAMP)
    audit.record_act(
        ANONYMOUS,
        action="enrolment.confirm",
        target=f"member:{member.pk}",
        territory_id=member.territory_id,
    )
    others = [one for one in found if one is not chosen]
    family = [one for one in others if choice.ask_family and one.name.casefold() != member.name.casefold()]
    _settle([one for one in others if one not in family], "other_version")
    _ask_by_themselves(family)
    return joined


def _lock_sources(choice: Choice, device: str) -> None:
    """Before the number, as everywhere: two who come in at the same moment must not wait for each other."""
    chosen = Application.objects.open().filter(pk=choice.application_id).first()
    if chosen is not None:
        lock_before(phone=number_of(chosen), enroller_id=chosen.enroller_id, device=device)


def _enrol(chosen: Application, number: str, choice: Choice, device: str) -> Joined:
    """Counted by the phone on which they say yes, too: a helper who says it for many does so on few phones."""
    return join(
        device=device,
        enroller_id=chosen.enroller_id,
        actor=ANONYMOUS,
        drive_code=chosen.drive.code,
        name=choice.name,
        phone=number,
        territory_code=choice.territory_code,
        language=choice.language,
        consents=choice.consents,
        evidence={"page": "invitation", "code": "link"},
        another=choice.another,
        source=MemberSource.CAMP,
    )


def _ask_by_themselves(family: Sequence[Application]) -> None:
    """Each gets a text of their own, on the same telephone."""
    for one in family:
        if one.state != State.HELD:
            one.state, one.reason, one.texted_at = State.CONFLICT, "number_known", None
            one.save(update_fields=["state", "reason", "texted_at"])
    if family:
        jobs.enqueue_once("enrolment.invite")


def _settle(applications: Sequence[Application], reason: str) -> None:
    for one in applications:
        end(one, State.SETTLED, reason)


def _entries(token: str) -> list[Application]:
    """Everything open with the number that the link was sent to, locked; its own entry first. Raises InvitationOver."""
    try:
        own = Application.objects.open().filter(pk=signing.loads(token, salt=SALT)).first()
    except (signing.BadSignature, ValueError, TypeError):
        raise InvitationOver from None
    if own is None:
        raise InvitationOver
    number = number_of(own)
    lock_number(number)
    same = open_with_number(number).select_for_update(of=("self",)).select_related("territory", "drive", "enroller")
    found = sorted(same, key=lambda one: (one.pk != own.pk, one.pk))
    if not found or found[0].pk != own.pk:  # ended while we waited for the number
        raise InvitationOver
    return found
