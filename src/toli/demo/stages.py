"""What the operator and headquarters do in the demonstration, through the services that commands use.

Each stage may be repeated: what is done stays done. What people do stands in simulation.py.
"""

import csv
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

from django.conf import settings
from django.core.management import call_command

from toli.access import services as access
from toli.access.domain.scope import EVERYWHERE
from toli.access.errors import RoleAlreadyHeld
from toli.accounts import selectors as accounts
from toli.accounts import services as account_services
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.errors import LoginTaken
from toli.chatgroups import services as chatgroups
from toli.chatgroups.errors import CampaignExists
from toli.compliance import services as compliance
from toli.core import clock, events, jobs
from toli.demo.people import Person
from toli.demo.plan import (
    BOOTHS_PER_CONSTITUENCY,
    CAMPAIGN,
    CAPACITY,
    DRIVE,
    ORGANISATION,
    STATES,
    TARGET_SIZE,
    DemoPlan,
)
from toli.members import services as members
from toli.members.errors import DriveExists
from toli.territories import selectors as territories
from toli.territories import services as territory_services

Advance = Callable[[int, int], None]
HEADQUARTERS, WRITER, APPROVER = "headquarters", "content-desk", "chief-editor"
STAFF = {
    HEADQUARTERS: ("Meera Iyer", "headquarters", "IN"),
    WRITER: ("Rohit Sen", "content", "IN"),
    APPROVER: ("Farah Khan", "headquarters", "IN"),
}
LINK_LIFETIME = timedelta(days=30)


def prepare(plan: DemoPlan, advance: Advance) -> None:
    """Database, organisation, territories, drive, campaign and staff."""
    call_command("migrate", interactive=False, verbosity=0)
    compliance.set_organisation(actor=SYSTEM, **ORGANISATION)
    territory_services.seed(
        actor=SYSTEM, states=list(STATES), booths_per_constituency=BOOTHS_PER_CONSTITUENCY, advance=advance
    )
    with suppress(DriveExists):
        members.create_drive(
            actor=SYSTEM,
            code=DRIVE,
            name_en="Membership drive 2026",
            name_hi="सदस्यता अभियान 2026",
            territory_code="IN",
            opens_on=clock.today(),
            closes_on=clock.today() + timedelta(days=365),
        )
    with suppress(CampaignExists):
        chatgroups.create_campaign(
            actor=SYSTEM,
            code=CAMPAIGN,
            name_en="Connect 2029",
            name_hi="जुड़ाव 2029",
            platform="whatsapp",
            provider="assisted",
            territory_code="IN",
            capacity=CAPACITY,
            target_size=TARGET_SIZE,
        )
    access.ensure_standard_roles()
    for login, (name, role, territory) in STAFF.items():
        _staff(login, name, role, territory)
    for index, code in enumerate(coordinated_places()):
        _staff(coordinator_login(code), Person(plan.seed, -1 - index).name, "coordinator", code)


def coordinated_places() -> list[str]:
    """Codes of the places that have a coordinator of their own: states and their zones."""
    places: list[str] = []
    for code in STATES:
        state = territories.get_territory(EVERYWHERE, code)
        zones = [child.code for child in territories.children(EVERYWHERE, state) if child.level.code == "zone"]
        places += [code, *zones]
    return places


def coordinator_login(code: str) -> str:
    """Login of the coordinator of a place."""
    return f"coordinator-{code.lower()}"


def _staff(login: str, name: str, role: str, territory: str) -> None:
    with suppress(LoginTaken):
        account_services.create_account(actor=SYSTEM, login=login, display_name=name, kind="staff")
    account = accounts.get_account(login)
    with suppress(RoleAlreadyHeld):
        access.grant_role(actor=SYSTEM, account_id=account.pk, role_code=role, territory_code=territory)


def write_list(plan: DemoPlan, advance: Advance) -> None:
    """The membership list, as an organisation would hand it over."""
    path = list_path(plan)
    booths, weights = _homes(plan)
    temporary = path.with_suffix(".new")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "phone", "territory", "language"])
        for person in people(plan):
            writer.writerow([person.name, person.phone, person.home(booths, weights), person.language])
            if person.index % 1000 == 0:
                advance(person.index, plan.members)
    temporary.rename(path)
    advance(plan.members, plan.members)


def list_path(plan: DemoPlan) -> Path:
    """Where the list lies."""
    return plan.folder / "members.csv"


def _homes(plan: DemoPlan) -> tuple[list[str], list[float]]:
    """All booths of the demonstration's states and their cumulated weights: some places are fuller."""
    booths: list[str] = []
    weights: list[float] = []
    for code, share in STATES.items():
        state = territories.get_territory(EVERYWHERE, code)
        found = [booth.code for booth in territories.list_level(EVERYWHERE, state, "booth")]
        random = Random(f"{plan.seed}:{code}")
        raw = [random.paretovariate(1.6) for _ in found]
        booths += found
        weights += [share * weight / sum(raw) for weight in raw]
    return booths, list(accumulate(weights))


def import_list(plan: DemoPlan, advance: Advance) -> None:
    """Hand the list over; cards and welcomes follow by themselves, as jobs."""
    members.import_members(actor=SYSTEM, drive_code=DRIVE, path=list_path(plan), advance=advance)


def wait_for_jobs(plan: DemoPlan, advance: Advance) -> None:
    """Until the workers have nothing left to do. Scheduled counting does not count."""
    most = 1
    while left := jobs.waiting(besides=("analytics", "scheduled")) + events.undelivered():
        most = max(most, left)
        advance(most - left, most)
        time.sleep(0.2)
    advance(most, most)


def open_state_groups(plan: DemoPlan, advance: Advance) -> None:
    """Ask the state coordinators for the first, large groups, and make the permanent join links."""
    for done, state in enumerate(STATES, start=1):
        chatgroups.open_state_groups(actor=SYSTEM, campaign_code=CAMPAIGN, territory_code=state)
        chatgroups.join_link(actor=SYSTEM, campaign_code=CAMPAIGN, territory_code=state)
        advance(done, len(STATES))


def people(plan: DemoPlan) -> Iterator[Person]:
    """All members of the list."""
    return (Person(plan.seed, index) for index in range(plan.members))


def staff_link(login: str) -> str:
    """A path that signs a member of staff in, as often as wanted: for demonstrations only."""
    account = accounts.get_account(login)
    token = account_services.create_sign_in_link(
        actor=SYSTEM, account_id=account.pk, lifetime=LINK_LIFETIME, reusable=True
    )
    return f"/a/{token}"


def member_link(phone: str) -> str:
    """A path that signs one member of the list in, as often as wanted: for demonstrations only."""
    from toli.members import selectors

    member = selectors.find_by_phone(phone)
    if member is None:
        raise LookupError(phone)
    account = members.open_account(member_id=member.pk)
    token = account_services.create_sign_in_link(
        actor=SYSTEM, account_id=account.pk, lifetime=LINK_LIFETIME, reusable=True
    )
    return f"/a/{token}"


class Inbox:
    """What the phones have received: the last text of each kind by number. Reads only what is new."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], str] = {}
        self._read: dict[Path, int] = {}

    def last(self, phone: str, kind: str) -> str:
        """The newest text of a kind, or an empty one."""
        self._refresh()
        return self._last.get((phone, kind), "")

    def all_of(self, kind: str) -> dict[str, str]:
        """The newest text of a kind for every number."""
        self._refresh()
        return {phone: text for (phone, found), text in self._last.items() if found == kind}

    def _refresh(self) -> None:
        for path in sorted(Path(settings.OUTBOX_DIR).glob("*.jsonl")):
            start = self._read.get(path, 0)
            if path.stat().st_size == start:
                continue
            with path.open("rb") as file:
                file.seek(start)
                data = file.read()
            complete = data[: data.rfind(b"\n") + 1]
            self._read[path] = start + len(complete)
            for line in complete.splitlines():
                message = json.loads(line)
                self._last[message["to"], message["kind"]] = message["text"]
