"""How long the core keeps work, news and counters of tries."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.core.keeping import Acts, After, Rows, Term, register

_OVER = """
FROM procrastinate_jobs j WHERE j.status NOT IN ('todo', 'doing', 'aborting')
  AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) <= %s
"""


def _count_jobs(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_OVER}", [before])
        return int(cursor.fetchone()[0])


def _clear_jobs(before: datetime, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT j.id {_OVER} ORDER BY j.id LIMIT %s FOR UPDATE SKIP LOCKED", [before, most])
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("UPDATE procrastinate_periodic_defers SET job_id = NULL WHERE job_id = ANY(%s)", [found])
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [found])
    return len(found)


register(
    Term(
        key="core.limits",
        label=_("Counters of tries"),
        tables=("core_limitcounter",),
        days=0,
        since=_("since their window ended"),
        why=_("Counted for that time only."),
        after=After.DELETED,
        store=Rows("core_limitcounter", "ends_at", key="key"),
    )
)
register(
    Term(
        key="core.events",
        label=_("News between parts of Toli"),
        tables=("core_eventrecord",),
        days=30,
        least=1,
        most=365,
        since=_("since they were delivered"),
        why=_("To find out what went wrong, should something have gone wrong."),
        after=After.DELETED,
        store=Rows("core_eventrecord", "delivered_at"),
    )
)
register(
    Term(
        key="core.jobs",
        label=_("Jobs that have ended"),
        tables=("procrastinate_jobs",),
        days=30,
        least=1,
        most=365,
        since=_("since they ended"),
        why=_("To find out what went wrong, should something have gone wrong."),
        after=After.DELETED,
        store=Acts(_count_jobs, _clear_jobs),
    )
)
