"""The whole demonstration, from an empty database to the report."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import Error as DatabaseError
from django.db import connection

from toli.access.domain.scope import EVERYWHERE
from toli.analytics import integrity
from toli.analytics import selectors as analytics
from toli.analytics import services as analytics_services
from toli.analytics.domain.funnel import STAGES, Funnel, inconsistencies
from toli.chatgroups import selectors as chatgroups
from toli.demo import messages, posts, stages
from toli.demo.journal import Journal
from toli.demo.plan import KIT, MISTAKE, STATES, DemoPlan, DemoResult
from toli.demo.reckoning import reckon, reckon_posts
from toli.demo.servers import Servers
from toli.demo.simulation import Simulation
from toli.demo.stages import APPROVER, HEADQUARTERS, WRITER, coordinated_places, coordinator_login
from toli.territories import selectors as territories

Advance = Callable[[int, int], None]
Stage = Callable[[Advance], None]
ShowProgress = Callable[[str], AbstractContextManager[Advance]]
TRIES = 5  # how often a stage is begun again when the database went away


class Demonstration:
    """Runs the stages in order; ``show`` opens a progress bar for a stage."""

    def __init__(self, plan: DemoPlan, servers: Servers, show: ShowProgress) -> None:
        self._plan = plan
        self._servers = servers
        self._show = show
        self.seconds: dict[str, float] = {}

    def prepare(self) -> None:
        """All that must be there before the servers start: database, territories, staff."""
        self._plan.claim()
        self._stage("prepare", lambda advance: stages.prepare(self._plan, advance))
        if not stages.list_path(self._plan).exists():
            self._stage("list", lambda advance: stages.write_list(self._plan, advance))

    def play(self) -> DemoResult:
        """The rest, with the servers running. Returns what was counted at the end."""
        started = time.perf_counter()
        plan = self._plan
        with Journal(plan.folder / "journal.jsonl") as journal:
            people = Simulation(plan, self._servers.base_url, journal, self._staff_links())
            self._stage("import", lambda advance: stages.import_list(plan, advance))
            self._stage("cards", lambda advance: stages.wait_for_jobs(plan, advance))
            self._stage("state_groups", lambda advance: stages.open_state_groups(plan, advance))
            self._stage("create_groups", people.coordinators_create_groups)
            self._stage("join_first", lambda advance: people.members_join(1, advance))
            self._stage("divide", people.headquarters_divide)
            self._stage("create_divided_groups", people.coordinators_create_groups)
            self._stage("move", lambda advance: stages.wait_for_jobs(plan, advance))
            self._stage("follow", people.members_follow)
            self._stage("join_second", lambda advance: people.members_join(2, advance))
            self._stage("publish", people.headquarters_publish)
            self._stage("relay", people.coordinators_relay)
            self._stage("share", people.members_share)
            self._stage("open", people.citizens_open)
            self._stage("convert", people.citizens_join)
            self._stage("direct", lambda advance: self._reach(people, advance))
            self._stage("recall", lambda advance: _recall(people, advance))
            self._stage("settle", lambda advance: stages.wait_for_jobs(plan, advance))
            self._stage("count", lambda advance: _count())
        return self._result(time.perf_counter() - started)

    def _reach(self, people: Simulation, advance: Advance) -> None:
        """The kit goes to members directly; some of them say that they want no more."""
        messages.set_up(self._servers)
        posts.set_up()
        people.headquarters_writes(KIT, advance)
        messages.send(KIT, advance)
        posts.wait(KIT, advance, until=posts.stand)
        people.members_stop(messages.last_texts(self._servers), advance)

    def _staff_links(self) -> dict[str, str]:
        logins = [HEADQUARTERS, WRITER, APPROVER, *map(coordinator_login, coordinated_places())]
        return {login: stages.staff_link(login) for login in logins}

    def _stage(self, name: str, run: Stage) -> None:
        """One stage; begun again when the database was taken away under it."""
        started = time.perf_counter()
        for attempt in range(1, TRIES + 1):
            try:
                with self._show(name) as advance:
                    run(advance)
                break
            except DatabaseError:
                if attempt == TRIES or not _comes_back():
                    raise
        self.seconds[name] = round(time.perf_counter() - started, 2)

    def _result(self, seconds: float) -> DemoResult:
        root = territories.get_territory(EVERYWHERE, "IN")
        funnel = analytics.funnel(EVERYWHERE, root)
        sent, broken_promises = reckon(self._servers.ledger)
        posted, broken_there = reckon_posts(self._servers.posts)
        return DemoResult(
            members=self._plan.members,
            seed=self._plan.seed,
            funnel={stage: getattr(funnel, stage) for stage in STAGES},
            coverage_adds_up=all(_adds_up(path) for path in ("IN", *STATES)),
            inconsistencies=inconsistencies(funnel),
            groups=chatgroups.counts_by_state(),
            broken_rules={invariant.name: count for invariant, count in integrity.broken().items()},
            messages=sent,
            posts=posted,
            broken_promises=broken_promises | broken_there,
            seconds=self.seconds,
            total_seconds=round(seconds, 2),
            sign_in=self._sign_in(),
        )

    def _sign_in(self) -> dict[str, str]:
        base = self._servers.address
        member = next(person for person in stages.people(self._plan) if person.channels)
        return {
            "headquarters": base + stages.staff_link(HEADQUARTERS),
            "coordinator": base + stages.staff_link(coordinator_login(coordinated_places()[1])),
            "member": base + stages.member_link(member.phone),
        }


def _recall(people: Simulation, advance: Advance) -> None:
    """A kit with a mistake in it goes out, and is taken back while it does."""
    people.headquarters_writes(MISTAKE, advance)
    messages.send_slowly(advance)
    posts.wait(MISTAKE, advance, until=posts.stand)
    people.headquarters_recalls(advance)
    messages.end_slowly(advance)
    posts.wait(MISTAKE, advance, until=posts.gone)


def _count() -> None:
    analytics_services.refresh_funnel()


def _adds_up(code: str) -> bool:
    """Whether the children of a territory add up to it."""
    place = territories.get_territory(EVERYWHERE, code)
    rows = analytics.coverage(EVERYWHERE, place)
    return sum((row.funnel for row in rows), Funnel()) == analytics.funnel(EVERYWHERE, place)


def _comes_back(*, patience: float = 60) -> bool:
    """Wait for the database; where it is our own, start it."""
    from django.conf import settings

    connection.close()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if settings.EMBEDDED_POSTGRES:
                settings.EMBEDDED_POSTGRES.ensure_running()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connection.close()
            time.sleep(0.5)
        else:
            return True
    return False
