"""Recording what people agree to. Rows are added, never changed: the latest one counts."""

from collections.abc import Mapping
from typing import Any

from toli.core import clock
from toli.members.domain.purposes import Purpose
from toli.members.errors import MemberNotFound
from toli.members.models import ConsentRecord, Member


def set_consent(
    *, member_id: int, purpose: str, given: bool, language: str, evidence: Mapping[str, Any]
) -> ConsentRecord:
    """Record one act of consent or withdrawal; it holds from this moment.

    ``evidence`` says how it was given (page, code verified), and holds no telephone number.

    Raises:
        MemberNotFound. ValueError: there is no such purpose.
    """
    member = Member.objects.select_related("drive").filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound
    return ConsentRecord.objects.create(
        member=member,
        purpose=Purpose(purpose),
        given=given,
        notice_version=member.drive.notice_version,
        language=language,
        evidence=dict(evidence),
        at=clock.now(),
    )
