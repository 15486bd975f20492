"""The small geography that Toli ships: real states and seat counts, everything below by number.

Constituencies have codes such as ``UP-AC034`` and names such as "Constituency 34"; real files use the
Election Commission's codes, so both can stand beside each other and are never mixed up. It serves
demonstrations and tests; a real organisation imports real files.
"""

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.core.errors import Forbidden
from toli.territories.errors import StateUnknown
from toli.territories.services.loading import ImportReport, TerritoryRow, load_rows, refresh_statistics
from toli.territories.services.structure import MAIN, PARLIAMENT, ROOT, ensure_structure

Advance = Callable[[int, int], None]
State = dict[str, str]
SEED_FILE = Path(__file__).resolve().parent.parent / "seed" / "states.csv"
CONSTITUENCIES_PER_ZONE = 60


def seed(
    *,
    actor: Actor,
    states: Sequence[str] | None = None,
    booths_per_constituency: int = 4,
    advance: Advance | None = None,
) -> ImportReport:
    """Load all states, and zones, constituencies and booths of ``states`` (None: of all). Repeatable.

    Raises:
        StateUnknown: a code that is none of the 36.
        Forbidden: only the operator may draw the map.
    """
    if not actor.is_system:
        raise Forbidden
    known = _states()
    unknown = sorted(set(states or ()) - {state["code"] for state in known})
    if unknown:
        raise StateUnknown(states=", ".join(unknown))
    chosen = [state for state in known if states is None or state["code"] in states]
    started = time.perf_counter()
    report = ImportReport()
    parts = (
        ("state", _state_rows(known)),
        ("zone", _zone_rows(chosen)),
        ("pc", _pc_rows(chosen)),
        ("ac", _ac_rows(chosen)),
        ("booth", _booth_rows(chosen, booths_per_constituency)),
    )
    with transaction.atomic():
        ensure_structure()
        for done, (level, rows) in enumerate(parts, start=1):
            report.files.append(load_rows(f"seed:{level}", level, rows))
            if advance:
                advance(done, len(parts))
    refresh_statistics()
    report.seconds = time.perf_counter() - started
    return report


def _states() -> list[State]:
    with SEED_FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _state_rows(states: Sequence[State]) -> Iterator[TerritoryRow]:
    for number, state in enumerate(states, start=2):
        facts = {
            "type": {"state": "state", "ut": "union_territory"}[state["kind"]],
            "parliamentary_constituencies": int(state["lok_sabha_seats"]),
            "assembly_constituencies": int(state["assembly_seats"]),
        }
        parents = {MAIN: ROOT, PARLIAMENT: ROOT}
        names = state["name_en"], state["name_hi"]
        yield TerritoryRow(number, state["code"], "state", *names, facts=facts, parents=parents)


def _zone_rows(states: Sequence[State]) -> Iterator[TerritoryRow]:
    for state in states:
        for zone in range(1, _zones(state) + 1):
            code, parents = _zone_code(state, zone), {MAIN: state["code"]}
            yield TerritoryRow(zone, code, "zone", f"Zone {zone}", f"ज़ोन {zone}", str(zone), parents=parents)


def _pc_rows(states: Sequence[State]) -> Iterator[TerritoryRow]:
    for state in states:
        no_assembly = not int(state["assembly_seats"])
        for pc in range(1, int(state["lok_sabha_seats"]) + 1):
            parents = {PARLIAMENT: state["code"], **({MAIN: state["code"]} if no_assembly else {})}
            names = f"Parliamentary constituency {pc}", f"लोकसभा {pc}"
            yield TerritoryRow(pc, f"{state['code']}-PC{pc:02d}", "pc", *names, str(pc), parents=parents)


def _ac_rows(states: Sequence[State]) -> Iterator[TerritoryRow]:
    for state in states:
        seats, zones, pcs = int(state["assembly_seats"]), _zones(state), int(state["lok_sabha_seats"])
        for ac in range(1, seats + 1):
            zone = _zone_code(state, (ac - 1) * zones // seats + 1) if zones else state["code"]
            pc = f"{state['code']}-PC{(ac - 1) * pcs // seats + 1:02d}"
            names = f"Constituency {ac}", f"विधानसभा {ac}"
            parents = {MAIN: zone, PARLIAMENT: pc}
            yield TerritoryRow(ac, f"{state['code']}-AC{ac:03d}", "ac", *names, str(ac), parents=parents)


def _booth_rows(states: Sequence[State], per_constituency: int) -> Iterator[TerritoryRow]:
    for state in states:
        seats = int(state["assembly_seats"])
        kind, count = ("AC", seats) if seats else ("PC", int(state["lok_sabha_seats"]))
        for unit in range(1, count + 1):
            above = f"{state['code']}-AC{unit:03d}" if kind == "AC" else f"{state['code']}-PC{unit:02d}"
            for booth in range(1, per_constituency + 1):
                names = f"Booth {booth}", f"बूथ {booth}"
                parents = {MAIN: above, PARLIAMENT: above}
                yield TerritoryRow(booth, f"{above}-B{booth:03d}", "booth", *names, str(booth), parents=parents)


def _zones(state: State) -> int:
    seats = int(state["assembly_seats"])
    return -(-seats // CONSTITUENCIES_PER_ZONE) if seats > CONSTITUENCIES_PER_ZONE else 0


def _zone_code(state: State, zone: int) -> str:
    return f"{state['code']}-ZONE{zone}"
