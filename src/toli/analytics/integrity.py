"""What must always be true of the stored facts. `toli doctor` asks; tests ask after every storm."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Invariant:
    """``sql`` counts the rows that break the rule; ``mend`` says what to do about them."""

    name: str
    rule: str
    sql: str
    mend: str


INVARIANTS = (
    Invariant(
        "group_capacity",
        _("No group holds more people than its platform allows."),
        "SELECT count(*) FROM chatgroups_chatgroup WHERE taken > capacity",
        _("Divide the groups listed by `toli group list`."),
    ),
    Invariant(
        "group_counter",
        _("The seats taken of a group equal its active seats."),
        """SELECT count(*) FROM chatgroups_chatgroup g LEFT JOIN (
             SELECT group_id, count(*) AS n FROM chatgroups_seat
             WHERE state IN ('reserved', 'invited', 'joined') GROUP BY group_id
           ) s ON s.group_id = g.id WHERE g.taken <> coalesce(s.n, 0)""",
        _("Report this: it is a defect of Toli."),
    ),
    Invariant(
        "one_active_seat",
        _("A member has at most one active seat in a campaign."),
        """SELECT count(*) FROM (
             SELECT 1 FROM chatgroups_seat WHERE state IN ('reserved', 'invited', 'joined')
             GROUP BY member_id, campaign_id HAVING count(*) > 1) doubled""",
        _("Report this: it is a defect of Toli."),
    ),
    Invariant(
        "seat_has_card",
        _("Whoever has an active seat has had a card."),
        """SELECT count(*) FROM chatgroups_seat s WHERE s.state IN ('reserved', 'invited', 'joined')
           AND NOT EXISTS (SELECT 1 FROM cards_card c WHERE c.member_id = s.member_id)""",
        _("Run `toli card issue`."),
    ),
    Invariant(
        "one_card",
        _("An active member has exactly one valid card."),
        """SELECT count(*) FROM members_member m WHERE m.state = 'active' AND (
             SELECT count(*) FROM cards_card c WHERE c.member_id = m.id AND c.revoked_at IS NULL) <> 1
           AND NOT EXISTS (SELECT 1 FROM cards_card c WHERE c.member_id = m.id AND c.revoked_at IS NOT NULL)""",
        _("Run `toli card issue`."),
    ),
    Invariant(
        "import_adds_up",
        _("Every row of an imported list is accounted for."),
        """SELECT count(*) FROM members_importrun
           WHERE state = 'done' AND rows <> created + updated + unchanged + rejected""",
        _("Import the file again: rows that are in are left alone."),
    ),
    Invariant(
        "import_unfinished",
        _("No import was interrupted."),
        """SELECT count(*) FROM members_importrun r WHERE state = 'running'
           AND NOT EXISTS (SELECT 1 FROM members_importrun d
                           WHERE d.file_sha256 = r.file_sha256 AND d.state = 'done' AND d.id > r.id)""",
        _("Import the file again: it goes on where it stopped."),
    ),
    Invariant(
        "open_counter",
        _("The opens shown for a link equal the visits recorded for it, of which old ones are forgotten."),
        """SELECT count(*) FROM (
             SELECT l.opens, l.created_at,
               (SELECT count(*) FROM sharing_linkopen o WHERE o.link_id = l.id AND o.counted) AS recorded
             FROM sharing_sharelink l) counted
           WHERE opens < recorded OR (opens > recorded AND created_at > now() - interval '30 days')""",
        _("Report this: it is a defect of Toli."),
    ),
    Invariant(
        "events_delivered",
        _("No event has failed for good."),
        "SELECT count(*) FROM core_eventrecord WHERE delivered_at IS NULL AND attempts >= 5",
        _("Read the column failure of core_eventrecord, mend the cause, then set attempts to 0."),
    ),
    Invariant(
        "path_follows_parent",
        _("Every place in a tree lies below its parent."),
        """SELECT count(*) FROM territories_node n JOIN territories_node p ON p.id = n.parent_id
           JOIN territories_territory t ON t.id = n.territory_id
           WHERE n.valid_to IS NULL AND n.path <> p.path || t.code || '/'""",
        _("Import the territory files again."),
    ),
)


def broken() -> dict[Invariant, int]:
    """The invariants that do not hold, with the number of rows that break each."""
    found: dict[Invariant, int] = {}
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            count = cursor.fetchone()[0]
            if count:
                found[invariant] = count
    return found
