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


@jobs.periodic("*/10 * * * *")
@jobs.task("chatgroups.watch_supply", once=True)
def watch_supply() -> None:
    """Seat those who wait, then ask for the groups that will be needed."""
    for campaign in selectors.campaigns():
        services.serve_waiting(campaign_id=campaign.pk)
        services.watch_supply(actor=SYSTEM, campaign_code=campaign.code)


@jobs.periodic("10 * * * *")
@jobs.task("chatgroups.tell_seated", once=True)
def tell_seated() -> None:
    """Tell those who waited that their seat is there; at night it waits for the morning."""
    services.tell_seated(actor=SYSTEM)


@jobs.periodic("20 * * * *")
@jobs.task("chatgroups.expire_seats", once=True)
def expire_seats() -> None:
    """Give up the seats of people who did not come."""
    for campaign in selectors.campaigns():
        services.expire_seats(campaign_id=campaign.pk)


@jobs.periodic("*/10 * * * *")
@jobs.task("chatgroups.keep_admins", once=True)
def keep_admins() -> None:
    """See to it that every group has two admins."""
    for campaign in selectors.campaigns():
        services.keep_admins(actor=SYSTEM, campaign_code=campaign.code)
