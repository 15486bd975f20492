"""Whom a breach concerns, read from the audit trail: who was seen, revealed, searched, listed, copied or taken out.

Works as the owner of the tables (command line or job). Rows are added set by set; a member who was reached in
several ways stands once, with the union of what was seen. Pages of lists are worked out again from where they
began and how many members they showed: that finds also who has left or moved since, within the place.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction

from toli.accounts.domain.actor import SYSTEM, ActorKind
from toli.audit.models import AuditEntry
from toli.audit.selectors import Sought, entries
from toli.core import clock
from toli.members.models import Export
from toli.rights.domain.breaches import ALL_KINDS, SHOWS, Kind, State, Way, kinds_of
from toli.rights.models import BreachAffected, BreachCase, RightsRequest
from toli.rights.services.case_trail import note
from toli.territories import selectors as territories

_ADD = """
INSERT INTO rights_breachaffected (case_id, member_id, territory_id, kinds, ways)
SELECT %(case)s, m.id, m.territory_id, %(kinds)s, %(ways)s FROM members_member m
WHERE m.id IN ({chosen}) AND m.territory_id IN (SELECT n.territory_id FROM territories_node n
  WHERE n.path ^@ %(path)s AND n.valid_to IS NULL)
ON CONFLICT (case_id, member_id) DO UPDATE SET
  kinds = rights_breachaffected.kinds | EXCLUDED.kinds, ways = rights_breachaffected.ways | EXCLUDED.ways
"""
_GIVEN = "SELECT unnest(%(ids)s::bigint[])"
_LISTED = "SELECT r.member_id FROM members_exportrow r WHERE r.export_id = %(export)s"
_EVERYBODY = "SELECT e.id FROM members_member e WHERE e.state <> 'erased'"
# Active members as they were: not yet erased, there already, and gone only afterwards.
_SHOWN = """
SELECT s.id FROM members_member s WHERE s.id > %(after)s AND s.created_at <= %(at)s
  AND (s.state = 'active' OR (s.state = 'left' AND s.updated_at > %(at)s))
  AND s.territory_id IN (SELECT n.territory_id FROM territories_node n
    JOIN territories_node top ON n.path ^@ top.path AND top.valid_to IS NULL
    JOIN territories_tree t ON t.id = top.tree_id AND t.is_main
    WHERE top.territory_id = %(territory)s AND n.valid_to IS NULL)
ORDER BY s.id LIMIT %(count)s
"""
ACTIONS = (
    "members.export.download", "members.reveal", "members.view", "members.list", "members.search", "cards.search",
    "rights.copy", "rights.look", "rolls.look",
)  # fmt: skip


@transaction.atomic
def find_affected(*, case_id: int) -> int:
    """Fill in whom the case concerns. Returns how many people. Safe to repeat until letters are asked for."""
    case = BreachCase.objects.select_for_update(of=("self",)).select_related("territory").get(pk=case_id)
    if case.state == State.CLOSED or case.letters != "none":
        return case.affected.count()
    BreachAffected.objects.filter(case=case).delete()
    finder = _Finder(case)
    if case.everybody:
        finder.add(Way.ALL, SHOWS[Way.ALL], _EVERYBODY)
    else:
        finder.read()
    case.state, case.found_at = State.FOUND, clock.now()
    case.acts, case.nameless = finder.acts, finder.nameless
    case.save(update_fields=["state", "found_at", "acts", "nameless"])
    count = case.affected.count()
    note(SYSTEM, "rights.breach.find", case, count=count, acts=case.acts, nameless=case.nameless)
    return count


class _Finder:
    """Reads the trail of one case."""

    def __init__(self, case: BreachCase) -> None:
        self.case = case
        self.path = territories.path_of(case.territory_id)
        self.wanted = Kind(case.kinds) if case.kinds else ALL_KINDS
        self.acts = 0
        self.nameless = 0
        self._ids: dict[Way, set[int]] = defaultdict(set)
        self._files: Counter[int] = Counter()

    def read(self) -> None:
        """All entries of the window, and then the people they were about."""
        handlers: dict[str, Callable[[AuditEntry], bool]] = {
            "members.export.download": self._file,
            "members.reveal": lambda entry: self._one(entry, Way.REVEAL),
            "members.view": lambda entry: self._one(entry, Way.PAGE),
            "members.list": self._list,
            "members.search": self._search,
            "cards.search": lambda entry: self._one(entry, Way.SEARCH),
            "rights.copy": self._copy,
            "rights.look": self._request,
            "rolls.look": lambda entry: self._search(entry, Way.LIST_PAGE),
        }
        for entry in self._entries():
            if self.case.export_number and entry.target != f"export:{self.case.export_number}":
                continue
            told = handlers[entry.action](entry)
            self.acts += 1
            self.nameless += not told
        for export_id in self._files:
            columns = Export.objects.filter(pk=export_id).values_list("columns", flat=True).first()
            self.add(Way.LIST_FILE, kinds_of(columns) if columns is not None else ALL_KINDS, _LISTED, export=export_id)
        for way, ids in self._ids.items():
            self.add(way, SHOWS[way], _GIVEN, ids=sorted(ids))

    def _entries(self) -> Iterable[AuditEntry]:
        case = self.case
        sought = Sought(
            actions=ACTIONS,
            since=case.began_at,
            until=case.ended_at,
            actor_id=case.suspect_id,
            address=case.address,
        )
        return entries(sought).iterator(chunk_size=2000)

    def add(self, way: Way, kinds: Kind, chosen: str, **values: Any) -> None:
        """Add the members whom the SQL ``chosen`` selects, as far as kinds that are looked for were seen."""
        seen = kinds & self.wanted
        if not seen:
            return
        values |= {"case": self.case.pk, "path": self.path, "kinds": int(seen), "ways": int(way)}
        with connection.cursor() as cursor:
            cursor.execute(_ADD.format(chosen=chosen), values)

    # -- one entry each; True: it tells whom it was about ----------------------------------------------

    def _one(self, entry: AuditEntry, way: Way) -> bool:
        return self._member(entry, way, entry.target)

    def _member(self, entry: AuditEntry, way: Way, target: str) -> bool:
        name, _colon, number = target.partition(":")
        if name != "member" or not number.isdigit():
            return False
        self._ids[way].add(int(number))
        return True

    def _file(self, entry: AuditEntry) -> bool:
        self._files[int(entry.target.partition(":")[2])] += 1
        return True

    def _copy(self, entry: AuditEntry) -> bool:
        """A member's own copy is no breach, unless it is that account which is looked for."""
        if entry.actor_kind == ActorKind.MEMBER and self.case.suspect_id is None:
            return True
        return self._one(entry, Way.COPY)

    def _request(self, entry: AuditEntry) -> bool:
        number = entry.target.partition(":")[2]
        member_id = RightsRequest.objects.filter(pk=number).values_list("member_id", flat=True).first()
        if member_id is None:
            return False
        self._ids[Way.REQUEST].add(member_id)
        return True

    def _search(self, entry: AuditEntry, way: Way = Way.SEARCH) -> bool:
        """Since searches write down whom they found. Older ones tell how many only."""
        self._ids[way].update(entry.details.get("members", ()))
        return bool(len(entry.details.get("members", ())) == entry.details["count"])

    def _list(self, entry: AuditEntry) -> bool:
        territory_id = entry.territory_id
        if territory_id is None:
            return False
        self.add(
            Way.LIST_PAGE,
            SHOWS[Way.LIST_PAGE],
            _SHOWN,
            after=entry.details["after"],
            count=entry.details["count"],
            at=entry.at,
            territory=territory_id,
        )
        return True
