"""Erasing a person everywhere, in one transaction, with the proof of what was done.

From the highest context to the lowest (toli.core.personal_data), so that nothing points to what is gone.
What has to stay stays without name, number, place and day, each with its reason. Files are rewritten
before the transaction commits: should it fail, they have lost copies that were to go anyway.

What is beyond a transaction: old versions of rows lie in PostgreSQL's own files until its vacuum comes by
(:func:`finish_erasure` asks for it), and backups hold what they hold until they expire. The tombstones see to
it that a restored backup is erased again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import append_only, jobs, personal_data, wall
from toli.core.errors import Forbidden
from toli.core.personal_data import Holding, Person
from toli.members import selectors
from toli.members import services as members
from toli.members.errors import MemberNotFound
from toli.members.models import Member

TEXTS = "texts.mentions"


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of thing: how many there are (dry run) or were removed or made nameless, and why some stay."""

    key: str
    label: str
    count: int
    kept_because: str = ""


@dataclass(slots=True)
class ErasureReport:
    member_id: int
    done: bool
    found: list[Found] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {item.key: item.count for item in self.found}

    def as_json(self) -> dict[str, Any]:
        return {"member": self.member_id, "done": self.done, "found": [asdict(item) for item in self.found]}


@wall.lifted("whoever decides on an erasure has to see all that it takes")
def what_erasure_takes(*, member_id: int) -> ErasureReport:
    """Dry run: what there is about a member, and what would stay. Nothing changes. Raises MemberNotFound."""
    person = members.person(member_id)
    report = ErasureReport(member_id, done=False)
    report.found = [_found(holding, holding.count(person)) for holding in _top_down()]
    report.found.append(_texts(personal_data.mentions(person)))
    return report


@transaction.atomic
def erase_member(*, actor: Actor, member_id: int, because: str) -> ErasureReport:
    """Erase everything that is kept about a member. Safe to repeat: the second time there is nothing left.

    Works as the owner of the tables (command line or job), as no page may change the ledger of consents.

    Raises:
        Forbidden: only the system erases. MemberNotFound.
    """
    if not actor.is_system:
        raise Forbidden
    for other in selectors.with_merged([member_id]):
        if other != member_id:
            erase_member(actor=actor, member_id=other, because=because)
    person = _locked(member_id)
    members.bury(person=person)
    report = _erase(person, because, _blot_out(person))
    jobs.enqueue("rights.finish_erasure", pseudonym=member_id)
    return report


@transaction.atomic
def forget_members(*, member_ids: Sequence[int], because: str) -> None:
    """Erase people whose membership ended long ago. They did not ask for it, so a list may bring them back.

    Notes are searched once for all of them. Raises MemberNotFound.
    """
    people = [_locked(member_id) for member_id in selectors.with_merged(list(member_ids))]
    _blot_out(*people)
    for person in people:
        _erase(person, because, 0)
    jobs.enqueue_once("rights.drop_old_versions")


def _blot_out(*people: Person) -> int:
    with append_only.opened("their data is erased"):
        return personal_data.blot_out(*people)


def _erase(person: Person, because: str, texts: int) -> ErasureReport:
    report = ErasureReport(person.member_id, done=True)
    report.found = [_found(holding, holding.erase(person)) for holding in _top_down()]
    report.found.append(_texts(texts))
    audit.record_act(
        SYSTEM,
        action="rights.erase",
        target=f"member:{person.member_id}",
        details={"because": because, "counts": report.counts()},
    )
    return report


def finish_erasure(*, pseudonym: int) -> None:
    """Take away what a request that ran at the same moment may have added, and have PostgreSQL drop old versions."""
    with transaction.atomic():
        person = _locked(pseudonym)
        for holding in _top_down():
            holding.erase(person)
    drop_old_versions()


def drop_old_versions() -> None:
    """Have PostgreSQL forget what erased rows held. Not inside a transaction."""
    with connection.cursor() as cursor:
        for table in sorted(personal_data.personal_tables()):
            cursor.execute(f'VACUUM (ANALYZE) "{table}"')  # statistics of a table hold some of its values


def replay_tombstones(*, actor: Actor) -> list[ErasureReport]:
    """Erase again whom a restored backup has brought back. To be run before the restored installation serves."""
    found = sorted(set(members.find_buried()))
    return [erase_member(actor=actor, member_id=member_id, because="tombstone") for member_id in found]


def _locked(member_id: int) -> Person:
    if not Member.objects.select_for_update(of=("self",)).filter(pk=member_id).exists():
        raise MemberNotFound
    return members.person(member_id)


def _top_down() -> Sequence[Holding]:
    return personal_data.holdings()[::-1]


def _found(holding: Holding, count: int) -> Found:
    return Found(holding.key, str(holding.label), count, str(holding.kept_because))


def _texts(count: int) -> Found:
    return Found(TEXTS, _("Notes of others in which the name or number stood"), count)
