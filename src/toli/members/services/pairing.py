"""Finding entries that are likely one person: every night, and after a list has come in.

Only entries of the same name keys under the same parent territory are compared, and no such block of more than
forty: Ram Kumar of a large constituency is no hint. How many blocks were left out is said. Rows that are there stay,
decided ones for ever, so a run that was cut off is simply begun again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from toli.core import clock
from toli.members import selectors
from toli.members.domain.duplicates import MOST, Entry, Likely, likely_pairs
from toli.members.models import LikelyPair, PairState

BLOCKS = 500  # of one transaction
_BLOCKS = """
SELECT m.name_keys, array_agg(m.id) AS members, count(*) AS size
FROM members_member m
JOIN territories_node n ON n.territory_id = m.territory_id AND n.valid_to IS NULL
JOIN territories_tree t ON t.id = n.tree_id AND t.is_main
WHERE m.state = 'active' AND m.name_keys <> ''
GROUP BY m.name_keys, COALESCE(n.parent_id, n.id) HAVING count(*) > 1
"""


@dataclass(slots=True)
class PairReport:
    """How many blocks of one name were compared, left out as too large, and how many pairs are new."""

    compared: int = 0
    skipped: int = 0
    found: int = 0


def find_pairs() -> PairReport:
    """Write down pairs that are likely one person. Safe to repeat. By the system."""
    report = PairReport()
    _forget_gone()
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS)
        blocks = [members for _keys, members, size in cursor.fetchall() if size <= MOST or not _skip(report)]
    for start in range(0, len(blocks), BLOCKS):
        batch = blocks[start : start + BLOCKS]
        report.compared += len(batch)
        report.found += _write([pair for block in _entries(batch) for pair in likely_pairs(block)])
    return report


def _skip(report: PairReport) -> bool:
    report.skipped += 1
    return True


def _entries(blocks: list[list[int]]) -> Iterator[list[Entry]]:
    ids = [member_id for block in blocks for member_id in block]
    phones = selectors.plain_phones(ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, name_keys, territory_id FROM members_member WHERE id = ANY(%s)", [ids])
        rows = cursor.fetchall()
    known = {pk: Entry(pk, name, keys, territory_id, phones.get(pk, "")) for pk, name, keys, territory_id in rows}
    for block in blocks:
        yield [known[member_id] for member_id in block if member_id in known]


@transaction.atomic
def _write(pairs: list[Likely]) -> int:
    before = LikelyPair.objects.count()
    LikelyPair.objects.bulk_create(
        (
            LikelyPair(
                first_id=pair.first,
                second_id=pair.second,
                score=pair.score,
                reasons=[reason.value for reason in pair.reasons],
                found_at=clock.now(),
            )
            for pair in pairs
        ),
        ignore_conflicts=True,
    )
    return LikelyPair.objects.count() - before


@transaction.atomic
def _forget_gone() -> None:
    """Pairs of members whom the undoing of a list took away, and open ones whose name or place was corrected."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM members_likelypair p
               WHERE NOT EXISTS (SELECT 1 FROM members_member m WHERE m.id = p.first_id)
               OR NOT EXISTS (SELECT 1 FROM members_member m WHERE m.id = p.second_id)
               OR p.state = %s AND EXISTS (SELECT 1 FROM members_member a, members_member b
                 WHERE a.id = p.first_id AND b.id = p.second_id AND a.name_keys <> b.name_keys)""",
            [PairState.OPEN],
        )
