"""What the core keeps about people: work and news that name them by id."""

import json

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.core.models import EventRecord
from toli.core.personal_data import Holding, Person, free, free_text, register


def _events(person: Person) -> list[int]:
    found = EventRecord.objects.filter(payload__contains={"member_id": person.member_id})
    return list(found.values_list("pk", flat=True))


def _jobs(person: Person) -> list[int]:
    named = [{"member_id": person.member_id}]
    if person.account_id:
        named.append({"account_id": person.account_id})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM procrastinate_jobs WHERE args @> ANY(%s::jsonb[]) AND status <> 'doing'",
            [[json.dumps(item) for item in named]],
        )
        return [row[0] for row in cursor.fetchall()]


def _drop_jobs(person: Person) -> int:
    found = _jobs(person)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_periodic_defers SET job_id = NULL WHERE job_id = ANY(%s)", [found])
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [found])
    return len(found)


register(
    Holding(
        key="core.jobs",
        label=_("Work that waits"),
        tables=("procrastinate_jobs",),
        count=lambda person: len(_jobs(person)),
        erase=_drop_jobs,
    )
)
register(
    Holding(
        key="core.events",
        label=_("News that names you"),
        tables=("core_eventrecord",),
        count=lambda person: len(_events(person)),
        erase=lambda person: EventRecord.objects.filter(pk__in=_events(person)).delete()[0],
    )
)
free_text("core_eventrecord.payload", "core_eventrecord.failure", "procrastinate_jobs.args")
free(
    core_limitcounter="keyed hashes, which end with their window",
    procrastinate_events="when a job began and ended; goes with the job",
    procrastinate_periodic_defers="schedules",
    procrastinate_version="version of the library",
    procrastinate_workers="heartbeats of processes",
    django_migrations="history of the tables",
    django_content_type="names of models",
    auth_group="not used",
    auth_group_permissions="not used",
    auth_permission="names of Django's own permissions",
)
