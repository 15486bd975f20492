"""The kit studio: changing, approving, words and pictures for each platform, the certificate."""

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests import factories as make
from tests.pictures import picture
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.models import KitClearance
from toli.content import selectors, services
from toli.content.domain.lifecycle import TRANSITIONS, may_approve, may_become
from toli.content.domain.mails import PREHEADER_LENGTH, paragraphs_of, preheader_of
from toli.content.domain.media import LABEL_SHARE, fitted, labelled
from toli.content.domain.passport import RenditionDraft
from toli.content.domain.platforms import GSM, PICTURED, PLATFORMS, counted_length, fits_of, sms_parts, utf16, weighted
from toli.content.errors import FileRefused, KitIncomplete, KitNotFound, KitStateWrong, ReasonMissing, SamePerson
from toli.content.models import KitMedia, KitPicture, KitReview
from toli.content.services import KitEdits, PlatformDraft
from toli.content.services.pictures import PictureDraft
from toli.core import clock

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
ALT = {"hi": "एक सूची", "en": "A list"}
OTHER = RenditionDraft("hi", "नया शीर्षक", ("नया पाठ",), "देखें")


@given(st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=12))
def test_no_path_leads_to_everybody_without_an_approval(steps):
    state, seen = "draft", ["draft"]
    for wanted in steps:
        if may_become(state, wanted):
            state = wanted
            seen.append(wanted)
    if "live" in seen or "scheduled" in seen:
        assert "approved" in seen
    if "withdrawn" in seen:
        assert seen[-1] == "withdrawn"


@pytest.mark.parametrize(
    ("approver", "two", "allowed"), [(1, True, False), (2, True, True), (1, False, True), (None, True, True)]
)
def test_two_people_where_the_organisation_wants_it(approver, two, allowed):
    assert may_approve(approver=approver, writers=frozenset({1}), two_people=two) is allowed


@given(st.text(max_size=400), st.text(max_size=40))
def test_more_text_never_needs_less_room(text, more):
    for count in (utf16, weighted):
        assert count(text) <= count(text + more)
    assert sms_parts("") == 1
    assert sms_parts(text) <= sms_parts("क" + text + more)


@pytest.mark.parametrize(("text", "parts"), [
    ("a" * 118, 1), ("a" * 119, 2), ("क" * 28, 1), ("क" * 29, 2), ("a" * 117 + "€", 2), ("क" * 92, 2), ("क" * 93, 3),
])  # fmt: skip
def test_hindi_fills_an_sms_sooner(text, parts):
    assert sms_parts(text) == parts


def test_each_platform_counts_in_its_own_way():
    assert (utf16("नमस्ते🙂"), weighted("नमस्ते🙂")) == (8, 8)
    assert (utf16("漢"), weighted("漢")) == (1, 2)
    assert {fit.platform.code: fit.over for fit in fits_of(["short", "x" * 300])}["x"] == 300 - PLATFORMS["x"].most
    assert "क" not in GSM


SIGNS = st.text(st.one_of(st.sampled_from("🙂👩‍🚜🇮🇳️"), st.characters(min_codepoint=0x900, max_codepoint=0x97F),
                          st.characters(codec="utf-8")))  # fmt: skip


@given(SIGNS)
def test_telegram_counts_units_of_utf16_at_the_desk_in_forecasts_and_when_it_sends(text):
    units = sum(2 if ord(sign) > 0xFFFF else 1 for sign in text)
    assert counted_length("telegram", text) == PLATFORMS["telegram"].count(text) == units
    assert counted_length("telegram", text) >= counted_length("email", text) == len(text)


def test_lists_of_messages_show_how_a_text_begins():
    assert preheader_of("One\n\ntwo https://toli.example/s/abc three") == "One two three"
    assert len(preheader_of("word " * 90)) <= PREHEADER_LENGTH
    assert paragraphs_of("a\nb\n \n\nc\n") == ["a\nb", "c"]


@given(SIGNS)
def test_devanagari_counts_as_many_as_it_has_signs(text):
    own = "".join(sign for sign in text if "ऀ" <= sign <= "ॿ")
    assert counted_length("telegram", own) == len(own)
    assert counted_length("telegram", text + own) == counted_length("telegram", text) + len(own)


@pytest.mark.parametrize(("size", "with_ai"), [((640, 360), True), ((120, 360), False)])
def test_a_picture_fits_every_platform_whole_and_says_that_ai_made_it(size, with_ai):
    data = picture("JPEG", size=size)
    for platform in PICTURED:
        made = fitted(data, platform.size, with_ai=with_ai)
        found = Image.open(io.BytesIO(made.data))
        assert found.size == platform.size == (made.width, made.height)
        assert (made.label_share >= LABEL_SHARE) == with_ai
        assert made.label_share < 0.12
    foot = Image.open(io.BytesIO(labelled(data, with_ai=with_ai).data)).convert("RGB").getpixel((1, size[1] - 1))
    if with_ai and min(size) > 100:  # of a smaller one, the pixels of the band's edge run together
        assert sum(foot) < 200  # the dark ground of the label


@pytest.mark.django_db
class TestStudio:
    @pytest.fixture(autouse=True)
    def _places(self):
        make.make_territories("IN/UP/07", "IN/UP/070")
        make.make_organisation()

    @pytest.fixture
    def writer(self):
        return make.make_actor({"kits.edit": "UP", "kits.approve": "UP", "kits.release": "UP"})

    @pytest.fixture
    def chief(self):
        return make.make_actor({"kits.approve": "IN"})

    @pytest.fixture
    def draft(self, writer):
        return make.make_kit("UP", state="draft", created_by_id=writer.id)

    def test_a_draft_is_changed_and_nothing_else_is(self, writer, draft):
        edits = KitEdits(renditions=[OTHER], topic="Water", valid_until=draft.valid_until + timedelta(days=1))
        services.edit_kit(actor=writer, kit_id=draft.pk, edits=edits)
        draft.refresh_from_db()
        assert draft.topic == "Water"
        assert [item.title for item in draft.renditions.all()] == ["नया शीर्षक"]
        with pytest.raises(KitIncomplete):
            services.edit_kit(actor=writer, kit_id=draft.pk, edits=KitEdits(valid_until=draft.valid_from))
        services.submit_kit(actor=writer, kit_id=draft.pk)
        with pytest.raises(KitStateWrong):
            services.edit_kit(actor=writer, kit_id=draft.pk, edits=KitEdits(topic="x"))
        with pytest.raises(KitNotFound):
            services.edit_kit(actor=make.make_actor({"kits.edit": "07"}), kit_id=draft.pk, edits=KitEdits(topic="x"))

    def test_sent_back_with_a_note_it_is_a_draft_again(self, writer, chief, draft):
        services.submit_kit(actor=writer, kit_id=draft.pk)
        assert [kit.pk for kit in selectors.waiting_for_review(make_scope(chief))] == [draft.pk]
        with pytest.raises(ReasonMissing):
            services.reject_kit(actor=chief, kit_id=draft.pk, note=" ")
        services.reject_kit(actor=chief, kit_id=draft.pk, note="Name the source")
        draft.refresh_from_db()
        assert draft.state == "draft"
        assert [(item.verdict, item.note) for item in selectors.reviews_of(draft)] == [("rejected", "Name the source")]
        with pytest.raises(KitStateWrong):
            services.reject_kit(actor=chief, kit_id=draft.pk, note="again")

    def test_approved_with_changes_what_was_changed_is_recorded(self, writer, chief, draft):
        services.submit_kit(actor=writer, kit_id=draft.pk)
        services.approve_kit(actor=chief, kit_id=draft.pk, edits=KitEdits(renditions=[OTHER], topic="Water"))
        review = KitReview.objects.get()
        assert (review.verdict, sorted(review.changed), review.reviewed_by_id) == (
            "edited",
            ["texts", "topic"],
            chief.id,
        )
        assert KitClearance.objects.get(kit_id=draft.pk).valid_until == draft.valid_until

    def test_one_person_is_enough_where_the_organisation_says_so(self, writer, draft):
        services.submit_kit(actor=writer, kit_id=draft.pk)
        with pytest.raises(SamePerson):
            services.approve_kit(actor=writer, kit_id=draft.pk)
        compliance.set_rules(actor=SYSTEM, two_people=False)
        services.approve_kit(actor=writer, kit_id=draft.pk)

    def test_scheduled_and_back(self, writer):
        kit = make.make_kit("UP", state="approved")
        assert services.mark_scheduled(actor=writer, kit_id=kit.pk).state == "scheduled"
        assert services.mark_scheduled(actor=writer, kit_id=kit.pk).state == "scheduled"
        assert services.mark_unscheduled(actor=writer, kit_id=kit.pk).state == "approved"
        assert services.mark_unscheduled(actor=writer, kit_id=kit.pk).state == "approved"

    def test_other_words_for_a_platform_have_to_fit_it(self, writer, draft):
        def write(*texts):
            edits = KitEdits(platform_texts=[PlatformDraft("hi", "x", texts)])
            services.edit_kit(actor=writer, kit_id=draft.pk, edits=edits)

        with pytest.raises(KitIncomplete, match="X"):
            write("क" * 300)
        write("छोटा", "और छोटा")
        assert selectors.texts_for(draft, "hi", "x") == ["छोटा", "और छोटा"]
        assert selectors.texts_for(draft, "hi", "telegram") == selectors.rendition_for(draft, "hi").texts
        write()
        assert selectors.texts_for(draft, "hi", "x") == selectors.rendition_for(draft, "hi").texts

    def test_an_email_has_words_and_a_subject_of_its_own_or_those_of_the_kit(self, writer, draft):
        def write(*texts, subject=""):
            edits = KitEdits(platform_texts=[PlatformDraft("en", "email", texts, subject)])
            services.edit_kit(actor=writer, kit_id=draft.pk, edits=edits)
            return selectors.words_for(draft, "en", "email")

        own = selectors.rendition_for(draft, "en")
        assert write() == selectors.Words(own.title, own.texts)
        assert write(subject="One minute, please") == selectors.Words(own.title, own.texts, "One minute, please")
        long = "First.\n\n" + "word " * 1200
        assert write(long).texts == [long]
        assert write(long, subject="Both").subject == "Both"
        for wrong in ("x" * 121, "two\nlines", "a\u2028b"):
            with pytest.raises(KitIncomplete, match="subject"):
                write(subject=wrong)
        with pytest.raises(KitIncomplete, match="fits the platform"):
            write("x" * 8001)
        assert write() == selectors.Words(own.title, own.texts)
        assert not draft.platform_texts.exists()

    def test_pictures_for_platforms_are_made_once_and_carry_the_label(self, writer, draft):
        clean = services.read_picture(actor=writer, data=picture("PNG", size=(640, 360)))
        services.set_picture(actor=writer, kit_id=draft.pk, picture=PictureDraft(clean, ALT))
        assert services.make_media(kit_id=draft.pk) == len(PICTURED)
        assert services.make_media(kit_id=draft.pk) == 0
        assert set(KitMedia.objects.values_list("label_share", flat=True)) == {0}
        before = KitPicture.objects.get(kit=draft).digest
        services.edit_kit(actor=writer, kit_id=draft.pk, edits=KitEdits(made_with_ai=True))
        labelled_now = KitPicture.objects.get(kit=draft)
        assert labelled_now.digest != before
        assert labelled_now.label_share >= LABEL_SHARE
        assert services.make_media(kit_id=draft.pk) == len(PICTURED)
        assert all(item.label_share >= LABEL_SHARE for item in selectors.media_of(draft))
        services.edit_kit(actor=writer, kit_id=draft.pk, edits=KitEdits(made_with_ai=False))
        assert KitPicture.objects.get(kit=draft).digest == before
        services.remove_picture(actor=writer, kit_id=draft.pk)
        assert not KitMedia.objects.exists()
        assert services.make_media(kit_id=draft.pk) == 0

    def test_a_picture_that_does_not_say_that_ai_made_it_blocks_approval(self, writer):
        kit = make.make_kit("UP", state="draft", made_with_ai=True)
        make.make_picture(kit)
        assert selectors.lacks(kit) == ["ai_label"]

    def test_during_an_election_the_certificate_itself_is_needed_where_it_is(self, writer, draft):
        make.make_organisation("political")
        services.edit_kit(actor=writer, kit_id=draft.pk, edits=KitEdits(certificate_number="MCMC/1"))
        assert selectors.lacks(_again(draft)) == []
        now = clock.now()
        polls = [compliance.PollDraft(1, now + timedelta(days=20), ["07"])]
        fields = {"name_en": "By-election", "name_hi": "उपचुनाव", "announced_at": now - timedelta(days=1)}
        compliance.add_election(actor=SYSTEM, code="by", polls=polls, **fields)
        assert selectors.lacks(_again(draft)) == ["certificate_file:by"]  # 07 is a part of UP, where it goes
        assert selectors.lacks(make.make_kit("070", certificate_number="MCMC/2")) == []
        with pytest.raises(KitIncomplete, match="certificate as a file"):
            services.submit_kit(actor=writer, kit_id=draft.pk)
        for wrong in (b"<html>", PDF + b"x" * 5_300_000, b"%PDF-1.7 cut"):
            with pytest.raises(FileRefused):
                services.set_file(actor=writer, kit_id=draft.pk, kind="certificate", data=wrong)
        services.set_file(actor=writer, kit_id=draft.pk, kind="certificate", data=PDF)
        services.submit_kit(actor=writer, kit_id=draft.pk)
        assert (
            selectors.file_for_staff(make_scope(make.make_actor({"kits.approve": "UP"})), draft.pk, "certificate")
            == PDF
        )
        with pytest.raises(KitStateWrong):
            services.set_file(actor=writer, kit_id=draft.pk, kind="document", data=PDF)
        neighbour = make_scope(make.make_actor({"kits.approve": "070"}))
        with pytest.raises(KitNotFound):
            selectors.file_for_staff(neighbour, draft.pk, "certificate")


def make_scope(actor):
    from toli.access.policies import scope_for

    return scope_for(actor, "kits.approve")


def _again(kit):
    return type(kit).objects.get(pk=kit.pk)
