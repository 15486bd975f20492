"""The plan of a migration: written down as it will be carried out, with who is asked for what in which wave."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import get_language

from toli.access.domain.permissions import GROUPS_DIVIDE
from toli.access.policies import scope_for
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain.migrating import DAYS, PER_PERSON, content_hash, into_waves
from toli.chatgroups.errors import NoCoordinator, NothingChanges
from toli.chatgroups.models import (
    Afterwards,
    ChatGroup,
    Migration,
    MigrationGroup,
    MigrationMove,
    MigrationState,
    OldGroup,
    Wave,
)
from toli.chatgroups.services.counting import Counted
from toli.chatgroups.services.dividing import DivisionReport, Prepared, prepare, refuse_beside_another, report_of
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.opening import admins_for
from toli.chatgroups.waves import old_label
from toli.core import clock
from toli.territories import selectors as territories


@dataclass(frozen=True, slots=True)
class WavePreview:
    """``tasks``: groups to create by the name of who is asked; ``people``: who move into the groups of the wave."""

    number: int
    new_groups: int
    people: int
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class MigrationPreview:
    """What a migration would be: the division, and its waves. ``moves``: people by old group and planned group.

    ``plan_hash``: a migration that is planned with the same terms has the same one, while nothing changes.
    """

    report: DivisionReport
    plan_hash: str = ""
    waves: list[WavePreview] = field(default_factory=list)
    moves: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """How it is to be carried out, which a plan that is made anew keeps."""

    afterwards: str = Afterwards.ARCHIVE
    per_person: int = PER_PERSON
    days: int = DAYS


@transaction.atomic
def preview_migration(
    *, actor: Actor, campaign_code: str, territory_code: str, depth: str, per_person: int = PER_PERSON
) -> MigrationPreview:
    """What would be done, in which waves and by whom; nothing changes.

    Raises:
        TerritoryNotFound, CampaignNotFound, DepthInvalid, NothingToDivide. MigrationRunning: people are moving there.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_DIVIDE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    hold_campaign(campaign.pk)
    refuse_beside_another(campaign, territory)
    prepared = prepare(campaign, territory, depth)
    return _previewed(prepared, _Draft(prepared, per_person))


@transaction.atomic
def plan_migration(
    *,
    actor: Actor,
    campaign_code: str,
    territory_code: str,
    depth: str,
    afterwards: str = Afterwards.ARCHIVE,
    per_person: int = PER_PERSON,
    days: int = DAYS,
) -> Migration:
    """Write the plan down, for somebody to approve; an older plan for the territory that waits is dropped.

    Raises:
        TerritoryNotFound, CampaignNotFound, DepthInvalid, NothingToDivide, MigrationRunning.
        NothingChanges: all groups are as they should be.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_DIVIDE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    hold_campaign(campaign.pk)
    refuse_beside_another(campaign, territory)
    waiting = Migration.objects.filter(campaign=campaign, territory=territory, state=MigrationState.PLANNED)
    waiting.update(state=MigrationState.DROPPED, ended_at=clock.now())
    prepared = prepare(campaign, territory, depth)
    migration = write_plan(actor, prepared, Terms(afterwards, max(1, per_person), max(1, days)))
    audit.record_act(
        actor,
        action="chatgroups.plan_migration",
        target=f"migration:{migration.pk}",
        territory_id=territory.pk,
        details={"groups": migration.figures["created"], "moved": migration.figures["leaving"]},
    )
    return migration


def write_plan(
    actor: Actor, prepared: Prepared, terms: Terms, *, replaces: Migration | None = None, over: Migration | None = None
) -> Migration:
    """The rows of a migration that waits for approval; those of ``over`` are written anew. Raises NothingChanges."""
    draft = _Draft(prepared, terms.per_person)
    if not draft.changes:
        raise NothingChanges(territory=prepared.territory.label(get_language() or "en"))
    values: dict[str, Any] = {
        "afterwards": terms.afterwards,
        "per_person": terms.per_person,
        "days": terms.days,
        "plan_hash": content_hash(draft.content),
        "basis": basis_of(prepared.counted),
        "figures": draft.figures,
        "planned_at": clock.now(),
    }
    if over is None:
        over = Migration.objects.create(
            campaign=prepared.campaign,
            territory=prepared.territory,
            depth=prepared.level,
            planned_by_id=actor.id,
            replaces=replaces,
            **values,
        )
    else:
        over.waves.all().delete()
        over.old_groups.all().delete()
        Migration.objects.filter(pk=over.pk).update(**values)
        over.refresh_from_db()
    draft.write(over)
    return over


def basis_of(counted: Counted) -> str:
    """Which groups exist and what they serve, as 64 characters."""
    ids = counted.branch.ids
    return content_hash(
        {"group": group.pk, "serves": [ids[place] for place in places]}
        for group, places in zip(counted.groups, counted.existing.serves, strict=True)
    )


def written_content(migration: Migration) -> list[dict[str, Any]]:
    """What the rows of a plan say, in the form of which :attr:`Migration.plan_hash` is the hash."""
    rows = migration.planned.select_related("wave").order_by("position")
    moves: defaultdict[int, list[list[int]]] = defaultdict(list)
    for old, position, people in migration.moves.order_by("old_id").values_list("old_id", "new__position", "people"):
        moves[position].append([old, people])
    content = [
        _content(
            row.position,
            row.wave.number,
            row.serves,
            row.members,
            None if row.is_new else row.group_id,
            moves[row.position],
        )
        for row in rows
    ]
    ending = migration.old_groups.order_by("group_id").values_list("group_id", flat=True)
    return [*content, {"ending": list(ending)}]


def _content(
    position: int, wave: int, serves: list[int], members: int, lives_on: int | None, moves: list[list[int]]
) -> dict[str, Any]:
    return {
        "position": position,
        "wave": wave,
        "serves": serves,
        "members": members,
        "lives_on": lives_on,
        "moves": moves,
    }


class _Draft:
    """The plan in the order of the tree, with the wave of each group and who is asked for it."""

    def __init__(self, prepared: Prepared, per_person: int) -> None:
        self.prepared = prepared
        plan, ids = prepared.plan, prepared.counted.branch.ids
        self.order = sorted(range(len(plan.groups)), key=lambda index: (plan.groups[index].units[0], index))
        self.serves = {index: [ids[unit] for unit in plan.groups[index].units] for index in self.order}
        self.nobody, self.admins = "", dict.fromkeys(prepared.orders, 0)
        try:
            asked = admins_for(prepared.campaign, [order.territory for order in prepared.orders.values()])
            self.admins = dict(zip(prepared.orders, asked, strict=True))
        except NoCoordinator as nobody:
            self.nobody = str(nobody)
        waves = into_waves(list(self.admins.values()), per_person)
        self.wave_of = dict.fromkeys(self.order, 1) | dict(zip(self.admins, waves, strict=True))
        self.numbers = list(range(1, max(waves, default=1) + 1))
        self.moves: Counter[tuple[int, int]] = Counter()  # people by old group's position and new group's
        for old, _place, new, people in plan.moves:
            self.moves[old, new] += people
        self.people: Counter[int] = Counter()  # by wave
        for (_old, new), people in self.moves.items():
            self.people[self.wave_of[new]] += people

    @property
    def changes(self) -> bool:
        return bool(self.prepared.orders or self.moves or self.prepared.ending)

    def old(self, position: int) -> ChatGroup:
        return self.prepared.counted.groups[position]

    def lives_on(self, index: int) -> ChatGroup | None:
        old = self.prepared.plan.groups[index].lives_on
        return self.old(old) if old >= 0 else None

    @property
    def content(self) -> list[dict[str, Any]]:
        into: defaultdict[int, list[list[int]]] = defaultdict(list)
        for (old, new), people in self.moves.items():
            into[new].append([self.old(old).pk, people])
        rows = []
        for position, index in enumerate(self.order):
            living = self.lives_on(index)
            members = self.prepared.plan.groups[index].members
            given = self.serves[index], members, living.pk if living else None, sorted(into[index])
            rows.append(_content(position, self.wave_of[index], *given))
        return [*rows, {"ending": sorted(group.pk for group in self.prepared.ending)}]

    @property
    def figures(self) -> dict[str, Any]:
        report = report_of(self.prepared)
        return {
            "members": sum(group.members for group in self.prepared.plan.groups),
            "groups": len(report.groups),
            "before": report.before,
            "created": report.created,
            "dividing": report.dividing,
            "leaving": report.leaving,
            "leaving_bound": report.leaving_bound,
            "branch_bound": report.branch_bound,
            "lower_bound": report.lower_bound,
            "communities": report.communities,
            "nobody": self.nobody,
        }

    def write(self, migration: Migration) -> None:
        prepared, counted = self.prepared, self.prepared.counted
        new_in = Counter(self.wave_of[index] for index in prepared.orders)
        waves = Wave.objects.bulk_create(
            Wave(migration=migration, number=number, new_groups=new_in[number], people=self.people[number])
            for number in self.numbers
        )
        rows: dict[int, MigrationGroup] = {}
        for position, index in enumerate(self.order):
            planned, living, order = prepared.plan.groups[index], self.lives_on(index), prepared.orders.get(index)
            before = counted.existing.serves[planned.lives_on] if living else ()
            rows[index] = MigrationGroup(
                migration=migration,
                wave=waves[self.wave_of[index] - 1],
                position=position,
                territory=order.territory if order else prepared.places[planned.home],
                label=prepared.label(planned),
                serves=self.serves[index],
                served_before=[counted.branch.ids[place] for place in before],
                members=planned.members,
                is_new=living is None,
                group=living,
                predecessor=order.predecessor if order else None,
                admin_id=self.admins.get(index) or None,
            )
        MigrationGroup.objects.bulk_create(rows.values(), batch_size=2000)
        MigrationMove.objects.bulk_create(
            (
                MigrationMove(migration=migration, old=self.old(old), new=rows[new], people=people)
                for (old, new), people in sorted(self.moves.items())
            ),
            batch_size=5000,
        )
        OldGroup.objects.bulk_create(
            OldGroup(migration=migration, group=group, people=group.taken) for group in prepared.ending
        )


def _previewed(prepared: Prepared, draft: _Draft) -> MigrationPreview:
    names = {account.pk: account.display_name for account in accounts.staff_by_id(draft.admins.values()).values()}
    tasks: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for index, admin in draft.admins.items():
        tasks[draft.wave_of[index]][names.get(admin, "–")] += 1
    waves = [
        WavePreview(number, sum(tasks[number].values()), draft.people[number], dict(tasks[number].most_common()))
        for number in draft.numbers
    ]
    labels = {index: prepared.label(prepared.plan.groups[index]) for index in draft.order}
    language = get_language() or "en"
    moves = [
        (old_label(draft.old(old), language), labels[new], people) for (old, new), people in sorted(draft.moves.items())
    ]
    return MigrationPreview(report_of(prepared), content_hash(draft.content), waves, moves)


def served_people(migration: Migration) -> dict[int, int]:
    """Planned members by the first place of each group of the plan; several groups of one place are added up."""
    found: Counter[int] = Counter()
    for serves, members in migration.planned.values_list("serves", "members"):
        found[serves[0]] += members
    return dict(found)


def places_of(migration: Migration) -> dict[int, list[int]]:
    """All places by the first one of each group of the plan."""
    return {serves[0]: serves for serves in migration.planned.values_list("serves", flat=True)}


def living(migration: Migration) -> list[tuple[ChatGroup, MigrationGroup]]:
    """Old groups that live on, each with its row of the plan."""
    rows = migration.planned.filter(is_new=False).select_related("group")
    return [(row.group, row) for row in rows if row.group is not None]
