"""Kits: what blocks approval, who may approve, who may see them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from toli.access.policies import scope_for
from toli.content import selectors, services
from toli.content.domain import languages, lifecycle, passport
from toli.content.domain.passport import RenditionDraft
from toli.content.errors import KitExists, KitIncomplete, KitNotFound, KitStateWrong, ReasonMissing, SamePerson
from toli.content.models import Kit
from toli.core import clock
from toli.territories.errors import TerritoryNotFound

GOOD = RenditionDraft("hi", "शीर्षक", ("संदेश",), "देखें")


def test_texts_too_long_or_missing_are_named():
    long = RenditionDraft("en", "x" * 121, ("y" * 1001,), "")
    assert passport.faults_of(long) == ["title", "text", "act_label"]
    assert passport.faults_of(GOOD) == []


@pytest.mark.parametrize(("wanted", "available", "shown"), [
    ("hi", ["en", "hi"], "hi"), ("hi", ["en"], "en"), ("ta", ["en"], "en"), ("en", [], None),
])  # fmt: skip
def test_the_fallback_order_of_languages(wanted, available, shown):
    assert languages.language_for(wanted, available) == shown


@given(st.integers(0, 10**9), st.integers(1, 9))
def test_everybody_has_one_variant_and_always_the_same(number, variants):
    assert 0 <= passport.variant_for(number, variants) < variants
    assert passport.variant_for(number, variants) == passport.variant_for(number, variants)


def test_a_withdrawn_kit_never_comes_back():
    assert not lifecycle.TRANSITIONS["withdrawn"]
    assert not lifecycle.may_become("draft", "live")


@pytest.mark.django_db
class TestLife:
    @pytest.fixture(autouse=True)
    def _places(self):
        make.make_territories("IN/UP/07", "IN/UP/070")
        make.make_organisation()

    @pytest.fixture
    def writer(self):
        return make.make_actor({"kits.edit": "UP", "kits.approve": "UP", "kits.release": "UP", "kits.view": "UP"})

    def _create(self, actor, **changes):
        now = clock.now()
        fields = {
            "code": "kit", "territory_code": "UP", "act_url": "https://example.org/", "renditions": [GOOD],
            "valid_from": now, "valid_until": now + timedelta(days=1),
        }  # fmt: skip
        return services.create_kit(actor=actor, **{**fields, **changes})

    def test_from_draft_to_withdrawal(self, writer):
        kit = self._create(writer)
        services.submit_kit(actor=writer, kit_id=kit.pk)
        services.approve_kit(actor=make.make_actor({"kits.approve": "IN"}), kit_id=kit.pk)
        services.mark_live(actor=writer, kit_id=kit.pk)
        services.mark_live(actor=writer, kit_id=kit.pk)
        assert [found.pk for found in selectors.live_kits_for(kit.territory_id)] == [kit.pk]
        services.withdraw_kit(actor=writer, kit_id=kit.pk, reason="an error")
        assert selectors.live_kits_for(kit.territory_id) == []

    def test_whoever_wrote_it_cannot_approve_it(self, writer):
        kit = self._create(writer)
        services.submit_kit(actor=writer, kit_id=kit.pk)
        with pytest.raises(SamePerson):
            services.approve_kit(actor=writer, kit_id=kit.pk)

    def test_no_step_is_skipped(self, writer):
        kit = self._create(writer)
        with pytest.raises(KitStateWrong):
            services.approve_kit(actor=make.make_actor({"kits.approve": "IN"}), kit_id=kit.pk)
        with pytest.raises(KitStateWrong):
            services.mark_live(actor=writer, kit_id=kit.pk)

    def test_a_political_organisation_needs_a_certificate(self, writer):
        make.make_organisation("political")
        with pytest.raises(KitIncomplete) as caught:
            services.submit_kit(actor=writer, kit_id=self._create(writer).pk)
        assert "certificate number" in str(caught.value)
        services.submit_kit(actor=writer, kit_id=self._create(writer, code="b", certificate_number="MCMC/1").pk)

    def test_the_imprint_of_the_organisation_is_needed(self, writer):
        organisation = make.make_organisation()
        organisation.imprint_hi = ""
        organisation.save()
        with pytest.raises(KitIncomplete, match="imprint"):
            services.submit_kit(actor=writer, kit_id=self._create(writer).pk)

    def test_bad_drafts_are_refused_before_anything_is_stored(self, writer):
        for changes in ({"renditions": []}, {"renditions": [RenditionDraft("hi", "", ("t",), "a")]},
                        {"valid_until": clock.now() - timedelta(days=1)}):  # fmt: skip
            with pytest.raises(KitIncomplete):
                self._create(writer, **changes)
        assert not Kit.objects.exists()
        self._create(writer)
        with pytest.raises(KitExists):
            self._create(writer)

    def test_a_reason_is_owed_for_a_withdrawal(self, writer):
        with pytest.raises(ReasonMissing):
            services.withdraw_kit(actor=writer, kit_id=make.make_kit("UP").pk, reason=" ")

    def test_kits_from_above_are_seen_and_not_changed(self):
        national, twin = make.make_kit("IN"), make.make_kit("070")
        actor = make.make_actor({"kits.view": "07", "kits.release": "07"})
        scope = scope_for(actor, "kits.view")
        assert list(selectors.kits(scope)) == [national]
        assert selectors.get_kit(scope, national.pk) == national
        with pytest.raises(KitNotFound):
            selectors.get_kit(scope, twin.pk)
        with pytest.raises(KitNotFound):
            services.withdraw_kit(actor=actor, kit_id=national.pk, reason="no")

    def test_nobody_writes_for_the_neighbour(self):
        with pytest.raises(TerritoryNotFound):
            self._create(make.make_actor({"kits.edit": "07"}), territory_code="070")

    def test_an_expired_or_distant_kit_is_not_offered(self):
        place = make.make_kit("07").territory
        make.make_kit("070")
        make.make_kit("07", valid_from=clock.now() - timedelta(days=3), valid_until=clock.now() - timedelta(days=1))
        make.make_kit("07", state="approved")
        assert len(selectors.live_kits_for(place.pk)) == 1
