"""Asking the law engine: everything it needs in two queries, however many questions there are."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from toli.access.domain.scope import Scope
from toli.compliance.domain.law import Clearance, LawBook, Poll, QuietHours, Refusal, SendingQuestion, judge
from toli.compliance.models import SendingRefusal
from toli.core.errors import Unavailable
from toli.territories.domain.paths import branches_above

# A place's path in each tree (of a place that was abolished, its last ones), and the paths that the places above it
# have in other trees: a booth may stand in the main tree only, its constituency elsewhere as well. For a whole
# branch also those of the places below.
_PATHS = """
WITH own AS (
  SELECT DISTINCT ON (territory_id, tree_id) territory_id, tree_id, path FROM territories_node
  WHERE territory_id = ANY(%(all)s) ORDER BY territory_id, tree_id, valid_to DESC NULLS FIRST),
beside AS (
  SELECT own.territory_id, near.id AS near_id FROM own
  JOIN territories_territory near ON near.code = ANY(string_to_array(own.path, '/')))
SELECT territory_id, path, TRUE AS always FROM own
UNION SELECT beside.territory_id, other.path, TRUE FROM beside
  JOIN territories_node other ON other.territory_id = beside.near_id AND other.valid_to IS NULL
  JOIN territories_tree tree ON tree.id = other.tree_id AND NOT tree.is_main
UNION SELECT own.territory_id, other.path, FALSE FROM own
  JOIN territories_node below ON below.path >= own.path AND below.path < left(own.path, -1) || '0'
    AND below.valid_to IS NULL
  JOIN territories_node other ON other.territory_id = below.territory_id AND other.tree_id <> own.tree_id
    AND other.valid_to IS NULL
  WHERE own.territory_id = ANY(%(wide)s)
"""

_BOOK = """
SELECT json_build_object(
  'organisation', (SELECT row_to_json(o) FROM compliance_organisation o),
  'polls', (SELECT json_agg(row_to_json(p)) FROM (
    SELECT area.path, poll.closes_at, e.announced_at, e.silence_hours, e.needs_certificate, period.ends
    FROM compliance_pollingarea poll
    JOIN compliance_election e ON e.id = poll.election_id
    JOIN territories_node area ON area.territory_id = poll.territory_id AND area.valid_to IS NULL
    CROSS JOIN LATERAL (
      SELECT max(last.closes_at) AS ends FROM compliance_pollingarea last WHERE last.election_id = e.id) period
    WHERE least(e.announced_at, poll.closes_at - e.silence_hours * interval '1 hour') <= %(latest)s
      AND period.ends > %(earliest)s
      AND (area.path = ANY(%(above)s)
        OR EXISTS (SELECT 1 FROM unnest(%(wide)s::text[]) branch WHERE area.path ^@ branch))) p),
  'zones', (SELECT json_object_agg(n.path, t.facts->>'time_zone') FROM territories_territory t
    JOIN territories_node n ON n.territory_id = t.id AND n.valid_to IS NULL
    WHERE t.code = ANY(%(codes)s) AND t.facts ? 'time_zone'),
  'kits', (SELECT json_agg(row_to_json(k)) FROM compliance_kitclearance k WHERE k.kit_id = ANY(%(kits)s)),
  'templates', (SELECT json_object_agg(code, valid_until) FROM compliance_smstemplate WHERE code = ANY(%(templates)s))
)::text
"""

Heard = tuple[int, bool]  # a place, and whether everybody below it hears


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many sendings a rule refused."""

    rule: str
    channel: str
    count: int


def judge_all(questions: Sequence[SendingQuestion]) -> list[Refusal | None]:
    """The answer to each question, in their order. Records nothing: services.judge_sendings does.

    Two queries for any number of questions. Raises Unavailable before there is an organisation.
    """
    if not questions:
        return []
    different = set(questions)
    paths = _paths({(question.territory_id, question.whole_branch) for question in different})
    book = _law_book(different, paths)
    answers = {item: judge(item, paths[item.territory_id, item.whole_branch], book) for item in different}
    return [answers[item] for item in questions]


def refusals(scope: Scope, *, since: datetime, kit_id: int | None = None) -> list[Verdict]:
    """What was refused for places of the scope, by rule and channel, most first."""
    found = SendingRefusal.objects.within(scope).filter(refused_at__gte=since)
    if kit_id is not None:
        found = found.filter(kit_id=kit_id)
    rows = found.values_list("rule", "channel").annotate(total=Sum("count")).order_by("-total", "rule", "channel")
    return [Verdict(rule, channel, total) for rule, channel, total in rows]


def _paths(places: set[Heard]) -> Mapping[Heard, list[str]]:
    paths: dict[Heard, list[str]] = {place: [] for place in places}
    asked = {"all": [place for place, _wide in places], "wide": [place for place, wide in places if wide]}
    with connection.cursor() as cursor:
        cursor.execute(_PATHS, asked)
        for territory_id, path, always in cursor.fetchall():
            for wide in (True, False) if always else (True,):
                if (territory_id, wide) in paths:
                    paths[territory_id, wide].append(path)
    return paths


def _law_book(questions: Collection[SendingQuestion], paths: Mapping[Heard, list[str]]) -> LawBook:
    moments = [question.at for question in questions]
    above = {branch for found in paths.values() for path in found for branch in branches_above(path)}
    asked: dict[str, Any] = {
        "earliest": min(moments),
        "latest": max(moments),
        "above": list(above),
        "wide": [path for (_place, wide), found in paths.items() if wide for path in found],
        "codes": list({branch.rstrip("/").rpartition("/")[2] for branch in above}),
        "kits": list({question.kit_id for question in questions if question.kit_id is not None}),
        "templates": list({question.template for question in questions if question.template}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, asked)
        found: dict[str, Any] = json.loads(cursor.fetchone()[0])
    if found["organisation"] is None:
        raise Unavailable
    return _book(found)


def _book(found: dict[str, Any]) -> LawBook:
    organisation = found["organisation"]
    polls: dict[str, list[Poll]] = defaultdict(list)
    for row in found["polls"] or []:
        polls[row["path"]].append(_poll(row))
    return LawBook(
        organisation_kind=organisation["kind"],
        quiet=QuietHours(
            time.fromisoformat(organisation["quiet_from"]), time.fromisoformat(organisation["quiet_until"])
        ),
        home_zone=settings.TIME_ZONE,
        polls={path: tuple(items) for path, items in polls.items()},
        zones=found["zones"] or {},
        clearances={row["kit_id"]: _clearance(row) for row in found["kits"] or []},
        templates={code: _moment(until) for code, until in (found["templates"] or {}).items()},
        templates_needed=organisation["sms_templates_needed"],
    )


def _poll(row: dict[str, Any]) -> Poll:
    return Poll(
        area=row["path"],
        closes_at=datetime.fromisoformat(row["closes_at"]),
        silence=timedelta(hours=row["silence_hours"]),
        since=datetime.fromisoformat(row["announced_at"]),
        ends=datetime.fromisoformat(row["ends"]),
        needs_certificate=row["needs_certificate"],
    )


def _clearance(row: dict[str, Any]) -> Clearance:
    return Clearance(
        certificate_number=row["certificate_number"],
        valid_from=datetime.fromisoformat(row["valid_from"]),
        valid_until=datetime.fromisoformat(row["valid_until"]),
        withdrawn=row["withdrawn"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
