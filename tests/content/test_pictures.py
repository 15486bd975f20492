"""The picture of a kit: who may give it, when, and who sees it."""

from datetime import timedelta

import pytest
from django.db import connection

from tests import factories as make
from tests.pictures import CANARY, SECRET, jpeg_with_everything, picture
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.audit.models import AuditEntry
from toli.content import selectors, services
from toli.content.domain.passport import ALT_LIMIT, alt_faults
from toli.content.errors import KitIncomplete, KitNotFound, KitStateWrong, PictureNotFound
from toli.content.models import Kit, KitPicture
from toli.content.services.pictures import COUNTER, PictureDraft
from toli.core import clock, fetching, images, keeping, personal_data, wall
from toli.core.domain.limits import LIMITS
from toli.core.errors import NotFetched, PictureBroken, PictureTooHeavy, TooManyRequests

ALT = {"hi": "सूची पर निशान", "en": "A mark on a list"}


def test_what_it_shows_is_said_in_every_language():
    assert alt_faults(ALT, ["hi", "en"]) == []
    assert alt_faults({"hi": " ", "en": "x" * (ALT_LIMIT + 1)}, ["hi", "en", "ta"]) == ["alt:hi", "alt:en", "alt:ta"]


@pytest.mark.django_db
class TestGiving:
    @pytest.fixture(autouse=True)
    def _places(self):
        make.make_territories("IN/UP/07", "IN/UP/070")
        make.make_organisation()

    @pytest.fixture
    def writer(self):
        return make.make_actor({"kits.edit": "07", "kits.view": "07"})

    def _draft(self, data=None, **fields):
        return PictureDraft(images.clean(data or picture()), **{"alt": ALT, **fields})

    def test_a_draft_gets_a_picture_and_another_one(self, writer):
        kit = make.make_kit("07", state="draft")
        first = services.set_picture(actor=writer, kit_id=kit.pk, picture=self._draft())
        again = services.set_picture(actor=writer, kit_id=kit.pk, picture=self._draft(picture(colour="navy")))
        assert first.digest != again.digest
        assert KitPicture.objects.get().digest == again.digest
        services.describe_picture(actor=writer, kit_id=kit.pk, alt={**ALT, "en": " Other words "})
        assert selectors.picture_of(kit).alt["en"] == "Other words"
        services.remove_picture(actor=writer, kit_id=kit.pk)
        assert selectors.picture_of(kit) is None
        acts = ["set_picture", "set_picture", "describe_picture", "remove_picture"]
        assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
            f"content.{a}" for a in acts
        ]

    def test_only_pixels_reach_the_table(self, writer):
        kit = make.make_kit("07", state="draft")
        found = services.read_picture(actor=writer, data=jpeg_with_everything())
        services.set_picture(actor=writer, kit_id=kit.pk, picture=PictureDraft(found, ALT))
        assert SECRET not in bytes(KitPicture.objects.get().data)
        assert CANARY not in str(list(AuditEntry.objects.values()))

    def test_the_trace_tells_which_and_from_where(self, writer):
        kit = make.make_kit("07", state="draft")
        kept = services.set_picture(actor=writer, kit_id=kit.pk, picture=self._draft(origin="pictures.example"))
        entry = AuditEntry.objects.get(action="content.set_picture")
        assert entry.details == {"digest": kept.digest, "origin": "pictures.example"}
        assert (entry.target, entry.actor_id) == (f"kit:{kit.pk}", writer.id)

    def test_nobody_gives_a_picture_to_the_neighbour(self, writer):
        for code in ("070", "UP"):
            kit = make.make_kit(code, state="draft")
            make.make_picture(kit)
            for act in (
                lambda kit=kit: services.set_picture(actor=writer, kit_id=kit.pk, picture=self._draft()),
                lambda kit=kit: services.describe_picture(actor=writer, kit_id=kit.pk, alt=ALT),
                lambda kit=kit: services.remove_picture(actor=writer, kit_id=kit.pk),
            ):
                with pytest.raises(KitNotFound):
                    act()

    @pytest.mark.parametrize("state", ["in_review", "approved", "live", "withdrawn"])
    def test_what_somebody_approves_is_what_goes_out(self, writer, state):
        """From the moment a kit is sent for approval its picture stays as it is."""
        kit = make.make_kit("07", state=state)
        make.make_picture(kit)
        with pytest.raises(KitStateWrong):
            services.set_picture(actor=writer, kit_id=kit.pk, picture=self._draft())
        with pytest.raises(KitStateWrong):
            services.describe_picture(actor=writer, kit_id=kit.pk, alt=ALT)
        if state == "withdrawn":  # somebody who is seen in it may ask for it
            services.remove_picture(actor=writer, kit_id=kit.pk)
            return
        with pytest.raises(KitStateWrong):
            services.remove_picture(actor=writer, kit_id=kit.pk)

    def test_a_description_is_owed_in_both_languages(self, writer):
        kit = make.make_kit("07", state="draft")
        with pytest.raises(KitIncomplete, match=r"what the picture shows \(Hindi\)"):
            services.set_picture(actor=writer, kit_id=kit.pk, picture=self._draft(alt={"en": "A list"}))
        assert not KitPicture.objects.exists()

    def test_nothing_to_remove_and_nothing_to_describe(self, writer):
        kit = make.make_kit("07", state="draft")
        with pytest.raises(PictureNotFound):
            services.remove_picture(actor=writer, kit_id=kit.pk)
        with pytest.raises(PictureNotFound):
            services.describe_picture(actor=writer, kit_id=kit.pk, alt=ALT)

    def test_files_and_addresses_are_counted_together(self, writer, monkeypatch):
        monkeypatch.setattr(fetching, "fetch", lambda *_args, **_more: b"\xff\xd8\xff")
        for number in range(LIMITS[COUNTER].times):
            with pytest.raises(PictureBroken):
                if number % 2:
                    services.read_picture(actor=writer, data=b"\xff\xd8\xff")
                else:
                    services.fetch_picture(actor=writer, address="https://pictures.example/")
        for act in (
            lambda: services.read_picture(actor=writer, data=picture()),
            lambda: services.fetch_picture(actor=writer, address="https://pictures.example/"),
        ):
            with pytest.raises(TooManyRequests):
                act()
        assert services.read_picture(actor=make.make_actor({"kits.edit": "07"}), data=picture()).width == 320

    def test_what_is_fetched_is_looked_at_like_a_file(self, writer, monkeypatch):
        monkeypatch.setattr(fetching, "fetch", lambda *_args, **_more: jpeg_with_everything())
        assert SECRET not in services.fetch_picture(actor=writer, address="https://pictures.example/").data
        monkeypatch.setattr(fetching, "fetch", lambda _address, *, most_bytes, **_more: b"x" * (most_bytes + 1))
        with pytest.raises(PictureTooHeavy):
            services.fetch_picture(actor=writer, address="https://pictures.example/")

    def test_the_inside_is_not_fetched_from(self, writer):
        with pytest.raises(NotFetched):
            services.fetch_picture(actor=writer, address="http://169.254.169.254/latest/meta-data/")


@pytest.mark.django_db
class TestSeeing:
    @pytest.fixture(autouse=True)
    def _places(self):
        make.make_territories("IN/UP/07", "IN/UP/070")

    def test_everybody_while_the_kit_is_live(self):
        kit = make.make_kit("07")
        kept = make.make_picture(kit)
        most = kit.valid_until - clock.now()
        found = selectors.public_picture(kept.digest)
        assert found.data == bytes(kept.data)
        assert timedelta(0) < found.fresh_for <= most

    @pytest.mark.parametrize("state", ["draft", "in_review", "approved", "withdrawn"])
    def test_nobody_else_before_and_after(self, state):
        kit = make.make_kit("07", state=state)
        kept = make.make_picture(kit)
        with pytest.raises(PictureNotFound):
            selectors.public_picture(kept.digest)
        near, far = (scope_for(make.make_actor({"kits.view": code}), "kits.view") for code in ("07", "070"))
        assert selectors.picture_for_staff(near, kit.pk).fresh_for is None
        with pytest.raises(KitNotFound):
            selectors.picture_for_staff(far, kit.pk)

    @pytest.mark.parametrize(("begins", "ends"), [(-3, -1), (1, 3)])
    def test_not_outside_its_days(self, begins, ends):
        now = clock.now()
        kit = make.make_kit("07", valid_from=now + timedelta(days=begins), valid_until=now + timedelta(days=ends))
        with pytest.raises(PictureNotFound):
            selectors.public_picture(make.make_picture(kit).digest)

    def test_two_kits_with_one_picture(self):
        """Withdrawing one leaves the other's picture where it is."""
        live, gone = make.make_kit("07"), make.make_kit("07", state="withdrawn")
        digest = make.make_picture(live).digest
        assert make.make_picture(gone).digest == digest
        assert selectors.public_picture(digest).data
        with pytest.raises(PictureNotFound):
            selectors.public_picture("0" * 64)

    def test_no_way_leads_from_a_kit_to_the_bytes_of_its_picture(self):
        kit = make.make_kit("07")
        make.make_picture(kit)
        assert "data" in selectors.picture_of(kit).get_deferred_fields()
        assert not [field for field in Kit._meta.get_fields() if field.related_model is KitPicture and not field.hidden]

    def test_the_wall_hides_what_is_not_live(self):
        for code, state in (("07", "draft"), ("070", "draft"), ("07", "withdrawn"), ("070", "live")):
            make.make_picture(make.make_kit(code, state=state), f"{code} {state}".encode())
        path = selectors.territories.path_of(make.Territory.objects.get(code="07").pk)
        with wall.behind(paths=[path]):
            assert {bytes(kept.data) for kept in KitPicture.objects.all()} == {
                b"07 draft",
                b"07 withdrawn",
                b"070 live",
            }
        with wall.behind():
            assert [bytes(kept.data) for kept in KitPicture.objects.all()] == [b"070 live"]

    def test_the_wall_lets_nobody_write_elsewhere(self):
        kept = make.make_picture(make.make_kit("070"))
        path = selectors.territories.path_of(make.Territory.objects.get(code="07").pk)
        with wall.behind(paths=[path]):
            assert KitPicture.objects.filter(pk=kept.pk).update(alt={}) == 0
            assert KitPicture.objects.filter(pk=kept.pk).delete()[0] == 0


@pytest.mark.django_db
def test_a_picture_goes_a_year_after_its_kit():
    make.make_territories("IN/UP/07")
    now = clock.now()
    long_ago = {"valid_from": now - timedelta(days=500), "valid_until": now - timedelta(days=400)}
    old = make.make_picture(make.make_kit("07", **long_ago))
    taken_back = make.make_picture(
        make.make_kit("07", state="withdrawn", withdrawn_at=now - timedelta(days=366), valid_until=now)
    )
    stays = make.make_picture(make.make_kit("07"))
    term = next(term for term in keeping.terms() if term.key == "content.pictures")
    before = now - timedelta(days=keeping.days_of(term))
    assert term.store.due(before) == 2
    assert term.store.clear(before, 100) == 2
    assert list(KitPicture.objects.all()) == [stays]
    assert {old.pk, taken_back.pk}.isdisjoint({stays.pk})


@pytest.mark.django_db
def test_pictures_lie_in_the_database_and_in_its_backups():
    make.make_territories("IN/UP/07")
    make.make_picture(make.make_kit("07"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(data) FROM content_kitpicture")
        assert cursor.fetchone()[0] > 500
    assert selectors.picture_for_staff(EVERYWHERE, KitPicture.objects.get().kit_id).data


@pytest.mark.django_db
def test_a_name_in_the_words_about_a_picture_is_blotted_out():
    make.make_territories("IN/UP/07")
    words = {"hi": "सुनीता देवी बूथ पर", "en": "Sunita Devi, +91 00123 45678, at the booth"}
    kept = make.make_picture(make.make_kit("07"), alt=words)
    for name in ("Sunita Devi", "सुनीता देवी"):
        person = personal_data.Person(1, 0, name, ("+910012345678",))
        assert personal_data.mentions(person) >= 1
        personal_data.blot_out(person)
    kept.refresh_from_db()
    assert kept.alt == {"hi": "… बूथ पर", "en": "…, +…, at the booth"}
