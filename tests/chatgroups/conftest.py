import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.chatgroups import services


@pytest.fixture
def up():
    """A state with two zones, two constituencies in each, and a coordinator."""
    make.make_organisation()
    places = make.make_territories("IN/UP/Z1/A1", "IN/UP/Z1/A2", "IN/UP/Z2/A3", "IN/UP/Z2/A4", "IN/KL/K1/B1")
    make.make_drive()
    return places


@pytest.fixture
def coordinator(up):
    account = make.make_coordinator("UP")
    return Actor(ActorKind.STAFF, account.pk)


@pytest.fixture
def campaign(up, coordinator):
    """Groups of at most five people, planned for four."""
    return services.create_campaign(
        actor=SYSTEM, code="connect", name_en="Connect", name_hi="जुड़ाव", platform="whatsapp",
        provider="assisted", territory_code="IN", capacity=5, target_size=4,
    )  # fmt: skip


@pytest.fixture
def open_groups(campaign, coordinator):
    """Opens every group that has been asked for."""

    def confirm() -> None:
        for group in campaign.groups.filter(state="asked"):
            services.confirm_group_open(
                actor=coordinator, group_id=group.pk, join_address=f"https://chat.whatsapp.com/{group.pk:022d}"
            )

    return confirm
