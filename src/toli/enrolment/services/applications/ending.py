"""The end of an entry: answered, taken back, or forgotten. Name and number go with it, in the same moment."""

from django.db import transaction
from django.db.models import QuerySet

from toli.access.domain.permissions import WORK_DO
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.core.crypto import index_for
from toli.enrolment import selectors
from toli.enrolment.errors import ApplicationNotFound
from toli.enrolment.models import Application, State
from toli.enrolment.models.applications import OPEN
from toli.enrolment.models.guarding import WAITING
from toli.enrolment.services.applications.numbers import number_of, open_with_number, seal_number
from toli.members.models import Member
from toli.members.selectors import PHONE_INDEX

BATCH = 500


def end(
    application: Application,
    state: str,
    reason: str,
    *,
    member: Member | None = None,
    said_no_hash: bytes | None = None,
) -> None:
    """Leave nothing of the entry by which somebody could be found, besides the member whom they became."""
    application.state, application.reason, application.ended_at = state, reason, clock.now()
    application.name, application.number_sealed, application.number_index = "", b"", None
    application.member, application.said_no_hash = member, said_no_hash
    application.save()


@transaction.atomic
def withdraw_application(*, actor: Actor, application_id: int) -> None:
    """Take an entry back that was a mistake. What else is open with its number waits again, if it is alone now.

    Raises ApplicationNotFound: it lies outside the actor's area, or has ended.
    """
    found = selectors.applications(scope_for(actor, WORK_DO)).open().select_for_update(of=("self",))
    application = found.filter(pk=application_id).first()
    if application is None:
        raise ApplicationNotFound
    number = number_of(application)
    end(application, State.WITHDRAWN, "")
    audit.record_act(
        actor,
        action="enrolment.withdraw",
        target=f"application:{application.pk}",
        territory_id=application.territory_id,
    )
    _let_the_last_wait(number)


@wall.lifted("the other entry with this number may have been written down elsewhere")
def _let_the_last_wait(number: str) -> None:
    left = list(open_with_number(number)[:2])
    if len(left) == 1 and left[0].reason == "captured_twice":
        left[0].state, left[0].reason = State.WAITING, ""
        left[0].save(update_fields=["state", "reason"])


def expire_applications(*, dry_run: bool = False) -> int:
    """End the entries that nobody answered in time. Returns how many. Those that stay are found by the newest key.

    Nobody was asked whom a case holds: they wait as long as it does.
    """
    due = Application.objects.open().filter(expires_at__lte=clock.now())
    due = due.exclude(pk__in=Application.objects.filter(state=State.HELD, case__state__in=WAITING).values("pk"))
    if dry_run:
        return due.count()
    total = 0
    while count := _expire_batch(due):
        total += count
    _reindex()
    return total


@transaction.atomic
def _expire_batch(due: QuerySet[Application]) -> int:
    batch = list(due.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
    for application in batch:
        end(application, State.EXPIRED, "")
    if batch:
        audit.record_act(SYSTEM, action="enrolment.expire", target="enrolment", details={"count": len(batch)})
    return len(batch)


@transaction.atomic
def _reindex() -> None:
    """An index key that is to be retired must find nothing that is still open."""
    version = bytes([index_for(PHONE_INDEX).current_version])
    for application in Application.objects.open().select_for_update(skip_locked=True):
        if bytes(application.number_index or b"")[:1] != version:
            seal_number(application, number_of(application))
            application.save(update_fields=["number_sealed", "number_index"])


def forget_applications(applications: QuerySet[Application]) -> int:
    """Somebody asked for erasure: open entries end, ended ones no longer say whom they led to. Returns how many."""
    count = 0
    for application in applications.select_for_update(of=("self",)):
        if application.state in OPEN:
            end(application, State.SETTLED, "erased")
        else:
            application.member = None
            application.save(update_fields=["member"])
        count += 1
    return count
