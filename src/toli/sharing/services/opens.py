"""Opens of share links: one for each visitor and day, robots excluded."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from toli.content import selectors as content
from toli.core import clock, wall
from toli.sharing import selectors
from toli.sharing.domain import visitors
from toli.sharing.models import LinkOpen, ShareLink

# Links, days and visitors as three arrays. The links are locked first and in order, so that batches of several
# processes wait for each other instead of for themselves, and no link is erased between its visit and the count.
RECORD = """
WITH links AS MATERIALIZED (
  SELECT id FROM sharing_sharelink WHERE id = ANY(%(links)s) ORDER BY id FOR NO KEY UPDATE),
new AS (
  INSERT INTO sharing_linkopen (link_id, day, visitor)
  SELECT visit.link_id, visit.day, visit.visitor
  FROM unnest(%(links)s::bigint[], %(days)s::date[], %(visitors)s::bytea[]) AS visit (link_id, day, visitor)
  JOIN links ON links.id = visit.link_id
  ON CONFLICT DO NOTHING RETURNING link_id),
counts AS (SELECT link_id, count(*) AS opens FROM new GROUP BY link_id)
UPDATE sharing_sharelink link SET opens = link.opens + counts.opens FROM counts WHERE link.id = counts.link_id
"""


@dataclass(frozen=True, slots=True)
class OpenResult:
    """``counted``: a new human visit. ``current``: the kit may still be shown."""

    link: ShareLink
    counted: bool
    current: bool


@transaction.atomic
@wall.lifted("a citizen opens a link whose code they were given")
def record_open(
    *, code: str, address: str, user_agent: str, day: date | None = None, account_id: int | None = None
) -> OpenResult:
    """Count a visit to a link. Neither address nor browser is stored, only the day's visitor hash.

    ``account_id``: who is signed in; visits to one's own links do not count.

    Raises:
        ShareCodeUnknown.
    """
    link = selectors.get_link(code)
    current = content.is_current(link.kit)
    own = account_id is not None and link.member.account_id == account_id
    if own or not current or visitors.is_robot(user_agent):
        return OpenResult(link, counted=False, current=current)
    on = day or clock.today()
    seen = visitor_on(on, address, user_agent)
    with connection.cursor() as cursor:
        cursor.execute(RECORD, {"links": [link.pk], "days": [on], "visitors": [seen]})
        counted = cursor.rowcount == 1
    return OpenResult(link, counted, current)


def note_own_device(link: ShareLink, *, address: str, user_agent: str) -> None:
    """Whoever opens this link today from where its owner shares it is taken for the owner, and does not count."""
    day = clock.today()
    own = LinkOpen(link=link, day=day, visitor=visitor_on(day, address, user_agent), counted=False)
    LinkOpen.objects.bulk_create([own], ignore_conflicts=True)


def visitor_on(day: date, address: str, user_agent: str) -> bytes:
    """By what a visitor is known again on that day, and on no other."""
    return visitors.visitor(visitors.day_key(settings.SECRET_KEY.encode(), day), address, user_agent)
