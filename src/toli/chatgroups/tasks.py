"""Job entry points of chat groups."""

from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups import selectors, services
from toli.core import jobs


@jobs.periodic("*/5 * * * *")
@jobs.task("chatgroups.move_members", once=True)
def move_members() -> None:
    """Move the people of all dividing groups whose successors are open, and bring migrations on from there."""
    for campaign in selectors.campaigns():
        services.move_members(actor=SYSTEM, campaign_code=campaign.code, territory_code=campaign.territory.code)
    services.tend_migrations(actor=SYSTEM)
