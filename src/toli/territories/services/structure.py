"""The levels and trees that Toli starts with. Both are data: an organisation may add its own."""

from django.db import transaction

from toli.territories.domain.paths import child_path, root_path
from toli.territories.models import Level, Node, Territory, Tree

MAIN, PARLIAMENT = "main", "parliament"
TREES = (
    (MAIN, "Organisation", "संगठन", True),
    (PARLIAMENT, "Parliamentary constituencies", "लोकसभा क्षेत्र", False),
)
LEVELS = (
    ("country", 0, "Country", "Countries", "देश", "देश"),
    ("state", 10, "State", "States", "राज्य", "राज्य"),
    ("zone", 20, "Zone", "Zones", "ज़ोन", "ज़ोन"),
    ("district", 30, "District", "Districts", "ज़िला", "ज़िले"),
    ("pc", 35, "Parliamentary constituency", "Parliamentary constituencies", "लोकसभा क्षेत्र", "लोकसभा क्षेत्र"),
    ("ac", 40, "Assembly constituency", "Assembly constituencies", "विधानसभा क्षेत्र", "विधानसभा क्षेत्र"),
    ("booth", 50, "Booth", "Booths", "बूथ", "बूथ"),
)
ROOT = "IN"


@transaction.atomic
def ensure_structure() -> None:
    """Levels, trees and the country at their root. Safe to repeat; existing rows stay as they are."""
    for code, rank, name_en, plural_en, name_hi, plural_hi in LEVELS:
        names = {"name_en": name_en, "plural_en": plural_en, "name_hi": name_hi, "plural_hi": plural_hi}
        Level.objects.get_or_create(code=code, defaults={"rank": rank, **names})
    root, _ = Territory.objects.get_or_create(
        code=ROOT,
        defaults={"level": Level.objects.get(code="country"), "name_en": "India", "name_hi": "भारत"},
    )
    for code, name_en, name_hi, is_main in TREES:
        tree, _ = Tree.objects.get_or_create(
            code=code, defaults={"name_en": name_en, "name_hi": name_hi, "is_main": is_main}
        )
        Node.objects.get_or_create(
            tree=tree, territory=root, valid_to=None, defaults={"path": child_path(root_path(code), ROOT)}
        )
