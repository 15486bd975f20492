"""Opens of share links: one for each visitor and day, robots excluded."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from toli.content import selectors as content
from toli.core import clock, wall
from toli.sharing import selectors
from toli.sharing.domain import visitors
from toli.sharing.models import ShareLink


@dataclass(frozen=True, slots=True)
class OpenResult:
    """``counted``: a new human visit. ``current``: the kit may still be shown."""

    link: ShareLink
    counted: bool
    current: bool


@transaction.atomic
@wall.lifted("a citizen opens a link whose code they were given")
def record_open(*, code: str, address: str, user_agent: str, day: date | None = None) -> OpenResult:
    """Count a visit to a link. Neither address nor browser is stored, only the day's visitor hash.

    Raises:
        ShareCodeUnknown.
    """
    link = selectors.get_link(code)
    current = content.is_current(link.kit)
    if not current or visitors.is_robot(user_agent):
        return OpenResult(link, counted=False, current=current)
    on = day or clock.today()
    key = visitors.day_key(settings.SECRET_KEY.encode(), on)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH new AS (
                 INSERT INTO sharing_linkopen (link_id, day, visitor) VALUES (%s, %s, %s)
                 ON CONFLICT DO NOTHING RETURNING link_id)
               UPDATE sharing_sharelink SET opens = opens + 1 WHERE id IN (SELECT link_id FROM new)""",
            [link.pk, on, visitors.visitor(key, address, user_agent)],
        )
        counted = cursor.rowcount == 1
    return OpenResult(link, counted, current)
