"""A kit on its way into the groups, by the hands of named people."""

import pytest

from tests import factories as make
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.assignments import selectors as assignments
from toli.chatgroups.events import GroupOpened
from toli.content import services as content
from toli.content.errors import KitNotFound
from toli.core import events
from toli.core.events import publish
from toli.distribution import selectors, services
from toli.distribution.errors import KitNotApproved, RelayNotFound
from toli.distribution.models import Relay
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    make.make_organisation()
    make.make_territories("IN/UP/07", "IN/UP/070", "IN/KL")
    return make.make_campaign()


@pytest.fixture
def admin():
    account = make.make_account(name="Imran")
    return Actor(ActorKind.STAFF, account.pk), account


def _release(kit, campaign, territory="IN"):
    return services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_code=territory)


def test_each_open_group_of_the_territory_gets_the_kit_once(campaign, admin):
    _actor, account = admin
    inside = make.make_group(campaign, "07", admin=account)
    make.make_group(campaign, "KL")
    make.make_group(campaign, "07", state="asked")
    kit = make.make_kit("IN", state="approved")
    for _ in range(2):
        _release(kit, campaign, "UP")
    assert list(Relay.objects.values_list("group_id", flat=True)) == [inside.pk]
    kit.refresh_from_db()
    assert kit.state == "live"


def test_a_kit_that_is_not_approved_stays_at_home(campaign):
    for state in ("draft", "in_review", "withdrawn"):
        with pytest.raises(KitNotApproved):
            _release(make.make_kit(state=state), campaign)


def test_the_admin_confirms_and_the_task_is_done(campaign, admin):
    actor, account = admin
    make.make_group(campaign, "07", admin=account)
    kit = make.make_kit(state="approved")
    _release(kit, campaign)
    relay = Relay.objects.get()
    assert [work.kind for work in assignments.open_work(actor)] == ["relay_kit"]
    assert selectors.relay_text(relay).endswith("/me")
    first = services.confirm_relay(actor=actor, relay_id=relay.pk)
    assert services.confirm_relay(actor=actor, relay_id=relay.pk).confirmed_at == first.confirmed_at
    assert assignments.open_work(actor) == []
    scope = scope_for(make.make_actor({"kits.view": "UP"}), "kits.view")
    assert selectors.cascade(scope, kit) == selectors.Cascade(1, 1)


def test_nobody_confirms_for_the_neighbours_group(campaign):
    make.make_group(campaign, "07")
    _release(make.make_kit(state="approved"), campaign)
    relay = Relay.objects.get()
    for stranger in (make.make_actor({"groups.manage": "070"}), make.make_actor({"work.do": "07"})):
        with pytest.raises(RelayNotFound):
            services.confirm_relay(actor=stranger, relay_id=relay.pk)
    services.confirm_relay(actor=make.make_actor({"groups.manage": "07"}), relay_id=relay.pk)


def test_the_neighbours_relays_are_not_seen(campaign):
    make.make_group(campaign, "070")
    kit = make.make_kit(state="approved")
    _release(kit, campaign)
    scope = scope_for(make.make_actor({"kits.view": "07"}), "kits.view")
    assert list(selectors.relays(scope, kit)) == []
    with pytest.raises(RelayNotFound):
        selectors.get_relay(scope, Relay.objects.get().pk)


def test_nobody_releases_beyond_their_area(campaign):
    actor = make.make_actor({"kits.release": "07"})
    kit = make.make_kit("IN", state="approved")
    with pytest.raises(TerritoryNotFound):
        services.release_kit(actor=actor, kit_id=kit.pk, campaign_code=campaign.code, territory_code="070")
    with pytest.raises(KitNotFound):
        services.release_kit(actor=actor, kit_id=kit.pk, campaign_code=campaign.code, territory_code="07")


def test_a_group_that_opens_later_gets_what_is_live(campaign):
    _release(make.make_kit(state="approved"), campaign, "UP")
    late, elsewhere = make.make_group(campaign, "07"), make.make_group(campaign, "KL")
    for group in (late, late, elsewhere):
        publish(GroupOpened(group_id=group.pk))
    events.deliver()
    assert list(Relay.objects.values_list("group_id", flat=True)) == [late.pk]


def test_a_withdrawn_kit_is_carried_no_further(campaign, admin):
    actor, account = admin
    make.make_group(campaign, "07", admin=account)
    kit = make.make_kit(state="approved")
    _release(kit, campaign)
    content.withdraw_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
    events.deliver()
    assert assignments.open_work(actor) == []


def test_groups_get_different_variants_of_the_text(campaign):
    for _ in range(4):
        make.make_group(campaign, "07")
    _release(make.make_kit(state="approved"), campaign)
    assert set(Relay.objects.values_list("variant", flat=True)) == {0, 1}
