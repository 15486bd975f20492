"""Who says that they never joined counts against the source that brought their number."""

from typing import Any

from django.db import connection, transaction

from toli.access.domain.scope import EVERYWHERE
from toli.core import clock
from toli.enrolment.models import Application, Arrival, CaseKind, HeldMember, HeldState, Holds, State
from toli.enrolment.services.guarding.sources import case_about
from toli.members import selectors as members
from toli.members.models import Member, MemberSource


@transaction.atomic
def count_not_me(*, member_id: int) -> None:
    """One more "this is not me" for the list, helper, link, phone or number range that the member came by."""
    member = members.get_member(EVERYWHERE, member_id)
    waits = HeldMember.objects.filter(member=member, state__in=(HeldState.HELD, HeldState.WITH))
    waits.update(state=HeldState.REFUSED)
    Application.objects.filter(member=member, state=State.CHECKED).update(state=State.DECLINED)
    source = source_of(member)
    if source is None:
        return
    at = clock.now().isoformat(timespec="seconds")
    case, is_new = case_about(
        CaseKind.NOT_ME, *source, member.territory, evidence={"count": 1, "since": at, "until": at}
    )
    if is_new:
        return
    case = type(case).objects.select_for_update().get(pk=case.pk)
    evidence: dict[str, Any] = {**case.evidence, "count": case.evidence["count"] + 1, "until": at}
    case.evidence = evidence
    case.save(update_fields=["evidence"])


def source_of(member: Member) -> tuple[str, bytes] | None:
    """Whoever is nearest to the deed; None where nothing is known any more."""
    if member.source == MemberSource.IMPORT:
        run_id = _list_of(member.pk)
        return (Holds.IMPORT, str(run_id).encode()) if run_id else None
    arrival = Arrival.objects.filter(member=member).order_by("-at").first()
    if arrival is None:
        return None
    if arrival.enroller_id:
        return Holds.ENROLLER, str(arrival.enroller_id).encode()
    keys = ((Holds.LINK, arrival.link_key), (Holds.DEVICE, arrival.device_key), (Holds.BLOCK, arrival.block_key))
    return next(((holds, bytes(key)) for holds, key in keys if key), None)


def _list_of(member_id: int) -> int | None:
    """The import that made the member."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.run_id FROM members_importchunk c, generate_subscripts(c.made, 1) i"
            " WHERE %s BETWEEN c.made[i][1] AND c.made[i][2] LIMIT 1",
            [member_id],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else None
