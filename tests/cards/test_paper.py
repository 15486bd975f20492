"""Cards on paper: files that another program opens, ten to a sheet, each of its true size and inside the cut."""

import io

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cards.test_picture import FACTS, LOOK
from tests.factories import make_actor, make_member
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cards import printing, selectors
from toli.cards.domain import paper
from toli.cards.domain.paper import A4, CARD, MM, Paper, PaperCard
from toli.cards.domain.picture import draw_card
from toli.cards.services import end_card, issue_cards
from toli.core import clock
from toli.members import services as members
from toli.members.errors import ExportTooLarge
from toli.members.models import Export, ExportRow
from toli.members.services.exports import asking
from toli.territories.errors import TerritoryNotFound

PICTURE = draw_card(LOOK, FACTS)
ABOUT = Paper("सदस्य कार्ड (1)", "hi", "S24 (x) \\ नमस्ते")


def sheets(count, mark="7K2M9QX4RT"):
    out = io.BytesIO()
    written = paper.write_sheets(out, [PaperCard(PICTURE, "कार्ड (एक)", mark)] * count, ABOUT)
    assert written == count
    return pypdfium2.PdfDocument(out.getvalue())


def codes(page):
    """What another reader finds on a page drawn at 300 dots per inch; in some patterns it would see shop bars, too."""
    return zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil(), formats=zxingcpp.BarcodeFormat.QRCode)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 35))
def test_there_are_ten_cards_to_a_sheet(count):
    file = sheets(count)
    assert len(file) == max(1, -(-count // 10))
    for page in file:
        assert [round(side / MM) for side in page.get_size()] == [210, 297]


def test_every_code_of_a_sheet_is_read_by_another_reader():
    found = codes(sheets(10)[0])
    assert [code.text for code in found] == [FACTS.address] * 10


def test_cards_have_their_true_size_lie_apart_and_within_the_sheet():
    corners = paper.places()
    assert len(set(corners)) == 10
    for x, y in corners:
        assert 5 < x < A4[0] - CARD[0] - 5
        assert 5 < y < A4[1] - CARD[1] - 5
        assert not [
            other
            for other in corners
            if other != (x, y) and abs(other[0] - x) < CARD[0] and abs(other[1] - y) < CARD[1]
        ]
    assert CARD[0] == 85.6
    assert CARD[1] == pytest.approx(53.98, abs=0.1)


def test_the_file_is_titled_tagged_and_spoken():
    file = sheets(3)
    assert file.get_metadata_value("Title") == "सदस्य कार्ड (1)"
    raw = io.BytesIO()
    file.save(raw)
    assert (
        "कार्ड (एक)".encode("utf-16-be").hex() in raw.getvalue().decode("latin-1").lower() or b"/Alt" in raw.getvalue()
    )
    assert file[0].get_textpage().get_text_range().count("7K2M9QX4RT") == 3


@pytest.mark.usefixtures("country")
class TestOfMembers:
    def test_one_card_is_a_page_of_its_size(self):
        member = make_member("A1")
        issue_cards(actor=SYSTEM)
        card = selectors.card_of(member.pk)
        page = pypdfium2.PdfDocument(printing.card_pdf(card))[0]
        assert [round(side / MM, 1) for side in page.get_size()] == [85.6, 53.9]
        assert [code.text for code in codes(page)] == [selectors.qr_url(card)]

    def test_the_operator_prints_a_territory_and_it_is_recorded(self, tmp_path, monkeypatch):
        monkeypatch.setattr(printing, "PER_FILE", 2)
        people = [make_member("A1") for _ in range(5)]
        make_member("B1")
        issue_cards(actor=SYSTEM)
        end_card(actor=SYSTEM, member_id=people[0].pk, reason="reported lost")
        count, files = printing.print_cards(actor=SYSTEM, territory_code="07", out=tmp_path / "sheets.pdf")
        assert count == 4
        assert [path.name for path in files] == ["sheets.pdf", "sheets-2.pdf"]
        found = {code.text for path in files for code in codes(pypdfium2.PdfDocument(path)[0])}
        assert found == {selectors.qr_url(selectors.card_of(member.pk)) for member in people[1:]}
        assert AuditEntry.objects.get(action="cards.print").details == {"count": 4, "territory": "07"}

    def test_the_neighbour_prints_nothing(self, tmp_path):
        make_member("A1", carded=True)
        with pytest.raises(TerritoryNotFound):
            printing.print_cards(
                actor=make_actor({"members.export": "070"}), territory_code="07", out=tmp_path / "sheets.pdf"
            )

    def test_sheets_are_a_list_of_members_with_its_rules_and_marks(self, settings, tmp_path):
        settings.EXPORTS_DIR = tmp_path
        make_member("A1", name="सुनीता देवी")
        issue_cards(actor=SYSTEM)
        actor = make_actor({"members.export": "07"})
        export = members.ask_for_export(actor=actor, territory_code="07", columns=["sheets"], purpose="for the camp")
        members.make_export(export_id=export.pk)
        token = members.open_link(actor=actor, export_id=export.pk)
        name, content = members.download(actor=actor, token=token)
        assert name == f"cards-07-{clock.today().isoformat()}.pdf"
        page = pypdfium2.PdfDocument(content)[0]
        assert len(codes(page)) == 1
        assert ExportRow.objects.get().ref in page.get_textpage().get_text_range()
        assert [path.read_bytes()[:4] for path in tmp_path.iterdir()] != [b"%PDF"]  # sealed

    def test_sheets_stand_alone_and_have_a_limit_of_their_own(self, monkeypatch):
        from toli.members.errors import ExportMisdescribed

        for _ in range(3):
            make_member("A1")
        actor = make_actor({"members.export": "07"})
        with pytest.raises(ExportMisdescribed):
            members.ask_for_export(actor=actor, territory_code="07", columns=["sheets", "name"], purpose="for the camp")
        monkeypatch.setattr(asking, "MOST_CARDS", 2)
        with pytest.raises(ExportTooLarge):
            members.ask_for_export(actor=actor, territory_code="07", columns=["sheets"], purpose="for the camp")
        assert not Export.objects.exists()

    def test_the_form_for_tables_does_not_offer_sheets(self):
        from toli.territories.models import Territory

        terms = members.export_terms(
            actor=make_actor({"members.export": "07"}), territory=Territory.objects.get(code="07")
        )
        assert "sheets" not in dict(terms.columns)
