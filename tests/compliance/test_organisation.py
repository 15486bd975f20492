"""The kind of organisation decides which channels may be used."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups import services as groups
from toli.compliance import selectors, services
from toli.compliance.domain.channels import Bar, why_barred
from toli.compliance.errors import ChannelBarred, OrganisationKindUnknown
from toli.core.errors import Forbidden, Unavailable

FIELDS = {
    "name_en": "A", "name_hi": "अ", "imprint_en": "A", "imprint_hi": "अ", "privacy_contact": "a@example.org",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["union", "cooperative", "ngo"])
def test_only_political_organisations_are_barred_from_the_cloud_api(kind):
    assert why_barred(kind, "whatsapp_cloud") is None
    assert why_barred("political", "whatsapp_cloud") is Bar.META_POLITICAL
    assert why_barred("political", "assisted") is None


@pytest.mark.django_db
def test_a_political_organisation_cannot_choose_the_cloud_api():
    make.make_territories("IN")
    make.make_organisation("political")
    with pytest.raises(ChannelBarred):
        groups.create_campaign(
            actor=SYSTEM, code="c", name_en="C", name_hi="स", platform="whatsapp", provider="whatsapp_cloud",
            territory_code="IN",
        )  # fmt: skip


@pytest.mark.django_db
def test_there_is_one_organisation_and_only_the_operator_describes_it():
    with pytest.raises(Unavailable):
        selectors.get_organisation()
    services.set_organisation(actor=SYSTEM, kind="ngo", **FIELDS)
    services.set_organisation(actor=SYSTEM, kind="union", **FIELDS)
    assert selectors.get_organisation().kind == "union"
    with pytest.raises(OrganisationKindUnknown):
        services.set_organisation(actor=SYSTEM, kind="army", **FIELDS)
    make.make_territories("IN")
    with pytest.raises(Forbidden):
        services.set_organisation(actor=make.make_actor({"access.grant": "IN"}), kind="ngo", **FIELDS)
