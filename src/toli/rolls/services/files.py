"""A roll as a file, and checking such a file: against its own hash, and against the database.

The file names nobody: mark, class, place and commitment of each line are all that the hash covers.
"""

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_VIEW
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.rolls import selectors
from toli.rolls.domain.roll import FORM, Head, Line, content_hash
from toli.rolls.domain.supplement import SUPPLEMENT_FORM, Act, Entry, SupplementHead, supplement_hash
from toli.rolls.errors import RollDamaged, RollFileUnreadable, RollNotFound, RollStateWrong
from toli.rolls.models import Roll, RollState, Supplement
from toli.rolls.services.certifying import fits
from toli.rolls.services.drawing import produce_again
from toli.rolls.services.supplementing import supplement_fits

COLUMNS = ("number", "ref", "grade", "place", "commitment")


@dataclass(frozen=True, slots=True)
class FileCheck:
    """``fits``: the lines give the hash that stands above them. ``known``: we certified a roll with this hash."""

    fits: bool
    known: bool
    content_hash: str
    lines: int


@dataclass(frozen=True, slots=True)
class RollCheck:
    """``fits``: the stored lines give the hash, and so do those of all supplements. ``same``: the history gives it
    again. The rest: what came later."""

    fits: bool
    same: bool
    added: int
    removed: int
    changed: int


@transaction.atomic
def roll_file(*, actor: Actor, roll_id: int, form: str = "json") -> tuple[str, bytes]:
    """Name and content of the file of a certified roll: ``json`` or ``csv``.

    Raises:
        RollNotFound: also when out of scope. RollStateWrong: it is not certified. RollDamaged.
    """
    roll = selectors.get_roll(scope_for(actor, MEMBERS_VIEW), roll_id)
    if roll.state == RollState.DRAFT:
        raise RollStateWrong(state=roll.get_state_display())
    if not fits(roll):
        raise RollDamaged
    audit.record_act(
        actor,
        action="rolls.fetch",
        target=f"roll:{roll.pk}",
        territory_id=roll.territory_id,
        details={"form": form},
    )
    rows = [(row.number, row.ref, row.grade, row.territory.code, row.commitment) for row in selectors.rows_of(roll)]
    name = f"roll-{roll.territory.code}-{roll.day.isoformat()}-{roll.version}.{form}"
    if form == "csv":
        return name, _csv(roll, rows)
    lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return name, json.dumps({**facts_of(roll), "lines": lines}).encode()


def facts_of(roll: Roll) -> dict[str, Any]:
    """What stands above the lines of a file."""
    head = selectors.head_of(roll)
    return {
        "form": FORM,
        "territory": head.territory,
        "day": head.day.isoformat(),
        "version": head.version,
        "previous": head.previous,
        "hash": roll.content_hash,
    }


def check_file(*, content: bytes) -> FileCheck:
    """Check a file of ours: a roll, JSON or CSV, or a supplement. Raises RollFileUnreadable."""
    try:
        data = _read(content)
        if data["form"] == SUPPLEMENT_FORM:
            return _check_supplement(data)
        head = Head(data["territory"], date.fromisoformat(data["day"]), int(data["version"]), data["previous"])
        lines = [Line(row["place"], row["ref"], row["grade"], row["commitment"]) for row in data["lines"]]
        stated = str(data["hash"])
        if data["form"] != FORM:
            raise ValueError(data["form"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RollFileUnreadable from error
    found = content_hash(head, lines)
    known = Roll.objects.filter(
        territory__code=head.territory, day=head.day, version=head.version, content_hash=found
    ).exclude(state=RollState.DRAFT)
    return FileCheck(found == stated, known.exists(), found, len(lines))


def _check_supplement(data: dict[str, Any]) -> FileCheck:
    head = SupplementHead(
        data["territory"], date.fromisoformat(data["day"]), int(data["number"]), data["roll"], data["previous"]
    )
    entries = [
        Entry(Act(row["act"]), row["ref"], row["grade"], row["place"], row["commitment"]) for row in data["lines"]
    ]
    found = supplement_hash(head, entries)
    known = Supplement.objects.filter(roll__content_hash=head.roll, number=head.number, content_hash=found)
    return FileCheck(found == str(data["hash"]), known.exists(), found, len(entries))


def check_roll(*, actor: Actor, roll_id: int) -> RollCheck:
    """Check a roll in the database: its lines against its hash, and the history against both. Raises RollNotFound."""
    if not actor.is_system:
        raise RollNotFound
    roll = selectors.get_roll(scope_for(actor, MEMBERS_VIEW), roll_id)
    again = produce_again(roll)
    since = again.since
    whole = fits(roll) and all(map(supplement_fits, selectors.supplements(roll)))
    return RollCheck(whole, again.same, len(since.added), len(since.removed), len(since.changed))


def _csv(roll: Roll, rows: list[tuple[int, str, str, str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for key, value in facts_of(roll).items():
        writer.writerow([f"# {key}", value])
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _read(content: bytes) -> dict[str, Any]:
    text = content.decode("utf-8-sig")
    if text.lstrip().startswith("{"):
        return dict(json.loads(text))
    facts: dict[str, Any] = {}
    rows = list(csv.reader(io.StringIO(text)))
    while rows and rows[0] and rows[0][0].startswith("# "):
        key, value = rows.pop(0)
        facts[key[2:]] = value
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ValueError("no heading")
    return {**facts, "lines": [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]}
