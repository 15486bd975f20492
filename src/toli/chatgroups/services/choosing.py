"""Who is asked to look after a group."""

from collections.abc import Collection

from django.db import connection

from toli.access.domain.permissions import WORK_DO
from toli.access.policies import scope_for
from toli.access.services import staff_account_id
from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.errors import AccountNotFound
from toli.chatgroups.errors import AdminUnknown, NoCoordinator
from toli.chatgroups.models import Campaign
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.models import Territory


class AdminChoice:
    """Chooses who runs a group: the nearest coordinator upwards, the one with the fewest groups.

    ``permission``: what they hold there. ``by_path``: the accounts that can be asked, by the path of the place on
    which they act.
    """

    def __init__(self, campaign: Campaign, *, permission: str = WORK_DO) -> None:
        self._load: dict[int, int] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT n.path, a.account_id, (
                     SELECT count(*) FROM chatgroups_chatgroup g
                     WHERE g.admin_id = a.account_id AND g.campaign_id = %s AND g.state IN ('asked', 'open'))
                   FROM access_roleassignment a
                   JOIN access_role r ON r.id = a.role_id AND %s = ANY(r.permissions)
                   JOIN accounts_account u ON u.id = a.account_id AND u.is_active
                   JOIN territories_node n ON n.territory_id = a.territory_id AND n.valid_to IS NULL
                   WHERE a.valid_from <= %s AND (a.valid_to IS NULL OR a.valid_to > %s)
                   ORDER BY (r.code = 'coordinator') DESC, a.account_id""",
                [campaign.pk, permission, clock.today(), clock.today()],
            )
            self.by_path: dict[str, list[int]] = {}
            for path, account_id, load in cursor.fetchall():
                self.by_path.setdefault(path, []).append(account_id)
                self._load[account_id] = load

    def for_territory(self, territory: Territory) -> int:
        """The account to ask. Raises NoCoordinator."""
        chosen = self.find(territory)
        if chosen is None:
            raise NoCoordinator(territory=territory.code)
        return chosen

    def find(self, territory: Territory, *, besides: Collection[int] = ()) -> int | None:
        """The account to ask, none of those ``besides``; None: there is nobody else."""
        parts = territories.path_of(territory.pk).split("/")[:-1]
        for length in range(len(parts), 1, -1):
            holders = set(self.by_path.get("/".join(parts[:length]) + "/", ())).difference(besides)
            if holders:
                order = self.by_path["/".join(parts[:length]) + "/"]
                chosen = min(holders, key=lambda account_id: (self._load[account_id], order.index(account_id)))
                self._load[chosen] += 1
                return chosen
        return None


def staff_for(login: str, place: Territory) -> int:
    """The staff account with this login, which works on groups in that place. Raises AdminUnknown."""
    try:
        account_id = staff_account_id(login)
    except AccountNotFound:
        raise AdminUnknown(login=login) from None
    if not scope_for(Actor(ActorKind.STAFF, account_id), WORK_DO).covers(territories.path_of(place.pk)):
        raise AdminUnknown(login=login)
    return account_id
