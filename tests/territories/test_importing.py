"""Territory files: complete, repeatable, and clear about what is wrong."""

import gzip

import pytest

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.core.errors import Forbidden
from toli.territories import selectors, services
from toli.territories.errors import TerritoryEncodingBroken, TerritoryFileMissing, TerritoryHeaderWrong
from toli.territories.models import Node, Territory

pytestmark = pytest.mark.django_db

FILES = {
    "states.csv": (
        "state_code,name_en,name_hi,assembly_constituencies\nUP,Uttar Pradesh,उत्तर प्रदेश,403\nCH,Chandigarh,,0\n"
    ),
    "zones.csv": "zone_code,state_code,name_en\nUP-Z01,UP,West\n",
    "districts.csv": "district_code,state_code,name_en,zone_code\nUP-D1,UP,Agra,UP-Z01\nUP-D2,UP,Ballia,\n",
    "parliamentary_constituencies.csv": (
        "pc_code,state_code,pc_no,name_en,name_hi\nS24-PC01,UP,1,Saharanpur,\nU02-PC01,CH,1,Chandigarh,\n"
    ),
    "assembly_constituencies.csv": (
        "ac_code,state_code,ac_no,name_en,name_hi,pc_code,district_code\n"
        "S24-AC007,UP,7,Behat,,S24-PC01,UP-D1\nS24-AC070,UP,70,Other,,S24-PC01,UP-D2\n"
    ),
    "booths_UP.csv": (
        "booth_code,ac_code,booth_no,name,name_lang\n"
        "S24-AC007-B1,S24-AC007,1,School,en-Latn\nS24-AC007-B12A,S24-AC007,12A(W),School,en-Latn\n"
    ),
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def _import(folder, **options):
    return services.import_directory(actor=SYSTEM, directory=folder, **options)


def _path(code, tree="main"):
    return selectors.path_of(Territory.objects.get(code=code).pk, tree=tree)


def test_every_file_finds_its_place_in_both_trees(folder):
    report = _import(folder)
    assert [(file.rows, file.created, file.rejected) for file in report.files] == [
        (2, 2, 0), (1, 1, 0), (2, 2, 0), (2, 2, 0), (2, 2, 0), (2, 2, 0),
    ]  # fmt: skip
    assert _path("S24-AC007") == "main/IN/UP/UP-Z01/UP-D1/S24-AC007/"
    assert _path("S24-AC007", "parliament") == "parliament/IN/UP/S24-PC01/S24-AC007/"
    assert _path("S24-AC007-B12A", "parliament") == "parliament/IN/UP/S24-PC01/S24-AC007/S24-AC007-B12A/"


def test_a_district_without_zone_hangs_below_its_state(folder):
    _import(folder)
    assert _path("UP-D2") == "main/IN/UP/UP-D2/"


def test_a_constituency_of_a_territory_without_assembly_stands_in_the_main_tree_too(folder):
    _import(folder)
    assert _path("U02-PC01") == "main/IN/CH/U02-PC01/"
    assert not Node.objects.filter(territory__code="S24-PC01", tree__code="main").exists()


def test_a_second_import_changes_nothing(folder):
    _import(folder)
    before = list(Node.objects.order_by("pk").values())
    report = _import(folder)
    assert sum(file.created + file.updated + file.rejected for file in report.files) == 0
    assert sum(file.unchanged for file in report.files) == report.rows
    assert list(Node.objects.order_by("pk").values()) == before


def test_a_changed_parent_moves_the_whole_branch(folder):
    _import(folder)
    moved = FILES["assembly_constituencies.csv"].replace("S24-PC01,UP-D1", "S24-PC01,UP-D2")
    (folder / "assembly_constituencies.csv").write_text(moved)
    report = _import(folder)
    assert sum(file.updated for file in report.files) == 1
    assert _path("S24-AC007-B1") == "main/IN/UP/UP-D2/S24-AC007/S24-AC007-B1/"
    assert _path("S24-AC007-B1", "parliament").startswith("parliament/IN/UP/S24-PC01/")


def test_a_dry_run_reports_the_same_and_leaves_nothing(folder):
    report = _import(folder, dry_run=True)
    assert sum(file.created for file in report.files) == 11
    assert not Territory.objects.exists()


def test_packed_files_are_read(folder):
    (folder / "booths_UP.csv").unlink()
    (folder / "booths_UP.csv.gz").write_bytes(gzip.compress(FILES["booths_UP.csv"].encode()))
    assert _import(folder).files[-1].created == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("s24 x,UP,9,Name,,S24-PC01,UP-D1", "code_invalid"),
        ("S24-AC009,UP,9,,,S24-PC01,UP-D1", "name_missing"),
        ("S24-AC007,UP,7,Again,,S24-PC01,UP-D1", "code_twice"),
        ("S24-AC009,UP,9,Name,,S24-PC99,UP-D1", "parent_unknown"),
        ("S24-AC009,UP,9,Name,,S24-PC01,UP-D9", "parent_unknown"),
    ],
)
def test_a_bad_row_is_reported_with_its_number_and_the_rest_is_kept(folder, line, code):
    path = folder / "assembly_constituencies.csv"
    path.write_text(path.read_text() + line + "\n")
    report = next(file for file in _import(folder).files if file.level == "ac")
    assert [(problem.row, problem.code) for problem in report.problems] == [(4, code)]
    assert (report.rows, report.created, report.rejected) == (3, 2, 1)


def test_a_wrong_header_names_the_file_and_the_columns(folder):
    (folder / "zones.csv").write_text("zone,state\nx,y\n")
    with pytest.raises(TerritoryHeaderWrong) as caught:
        _import(folder)
    assert str(caught.value) == "zones.csv lacks the columns: zone_code, state_code, name_en."
    assert not Territory.objects.exists()


def test_a_broken_encoding_names_the_row(folder):
    path = folder / "zones.csv"
    path.write_bytes(path.read_bytes() + "UP-Z02,UP,Osé\n".encode("latin-1"))
    with pytest.raises(TerritoryEncodingBroken) as caught:
        _import(folder)
    assert "zones.csv, row 3" in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(TerritoryFileMissing):
        _import(tmp_path)


def test_only_the_operator_redraws_the_map(folder):
    make.make_territories("IN")
    with pytest.raises(Forbidden):
        services.import_directory(actor=make.make_actor({"territory.view": "IN"}), directory=folder)


@pytest.mark.shared_data
def test_the_real_files_load_completely(shared_data, tmp_path):
    for name in (*FILES, "booths_DL_2014.csv.gz"):
        source = shared_data / "territory" / name
        if source.exists():
            (tmp_path / name).symlink_to(source)
    report = _import(tmp_path)
    counts = {file.level: (file.rows, file.rejected) for file in report.files}
    assert counts == {
        "state": (36, 0), "zone": (82, 0), "district": (787, 0), "pc": (543, 0), "ac": (4123, 0), "booth": (11729, 0),
    }  # fmt: skip
    india = selectors.get_territory(EVERYWHERE, "IN")
    assert {level.code: count for level, count in selectors.counts_by_level(EVERYWHERE, india)}["ac"] == 4123
