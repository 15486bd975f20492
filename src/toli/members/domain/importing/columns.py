"""What the columns of a list mean, in English, Hindi and Hindi written with Latin letters; and which are refused."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toli.members.domain.importing.refusing import refused_values

FIELDS = ("name", "given_name", "family_name", "phone", "territory", "state", "ac", "booth", "language")

_NAMES: dict[str, str] = {
    "name": "name|full name|member name|name of member|person name|contact name|display name|fn|naam|nam|pura naam"
    "|poora naam|sadasya ka naam|sadasya naam|नाम|पूरा नाम|सदस्य का नाम|सदस्य नाम|व्यक्ति का नाम|कार्यकर्ता का नाम",
    "given_name": "given name|first name|firstname|forename|pehla naam|pahla naam|पहला नाम|प्रथम नाम",
    "family_name": "family name|last name|lastname|surname|upnaam|upnam|kulnaam|sarname|उपनाम|कुलनाम|सरनेम",
    "phone": "phone|phone no|phone number|phone 1 value|mobile|mobile no|mobile number|mobile phone|mob|mob no|cell"
    "|cell phone|tel|telephone|telephone number|contact no|contact number|whatsapp|whatsapp no|whatsapp number|urn tel"
    "|primary phone|mobail|mobile nambar|mobail nambar|phone nambar|fon|fon nambar|durbhash|doorbhash|sampark number"
    "|मोबाइल|मोबाइल नंबर|मोबाइल नम्बर|मोबाइल न|मोबाइल नं|मोबाइल संख्या|फोन|फोन नंबर|फोन नम्बर|फोन न|फोन नं|दूरभाष|दूरभाष संख्या"
    "|संपर्क नंबर|सम्पर्क नंबर|व्हाट्सएप|व्हाट्सएप नंबर|व्हाट्सऐप नंबर",
    "territory": "territory|territory code|place code|unit code|booth code|polling booth code|kshetra code|ikai code"
    "|क्षेत्र कोड|क्षेत्र|इकाई कोड|स्थान कोड|बूथ कोड",
    "state": "state|state code|state name|rajya|pradesh|राज्य|राज्य का नाम|राज्य कोड|प्रदेश",
    "ac": "ac|ac no|ac number|ac code|assembly|assembly no|assembly number|assembly constituency|constituency"
    "|constituency no|constituency number|assembly constituency no|vidhansabha|vidhan sabha|vidhan sabha no"
    "|vidhan sabha number|vidhansabha number|विधानसभा|विधान सभा|विधानसभा संख्या|विधानसभा क्रमांक|विधान सभा संख्या"
    "|विधानसभा नंबर|विधानसभा नं|निर्वाचन क्षेत्र|निर्वाचन क्षेत्र संख्या",
    "booth": "booth|booth no|booth number|polling booth|polling station|polling station no|ps no|part|part no"
    "|part number|matdan kendra|booth sankhya|bhag sankhya|बूथ|बूथ संख्या|बूथ क्रमांक|बूथ नंबर|बूथ नं|भाग संख्या|मतदान केंद्र"
    "|मतदान केन्द्र|मतदान केंद्र संख्या",
    "language": "language|lang|preferred language|bhasha|bhaasha|भाषा|पसंदीदा भाषा",
}

REFUSED: dict[str, tuple[str, str]] = {
    "caste": ("caste", "जाति"),
    "religion": ("religion", "धर्म"),
    "aadhaar": ("Aadhaar", "आधार"),
    "vote": ("voting preference", "मतदान की पसंद"),
}
"""What is never stored of anybody, whatever the file is called: by kind, its name in English and in Hindi."""

_REFUSED_WORDS: dict[str, str] = {
    "caste": "caste|castes|cast|subcaste|jati|jaati|jatee|jaat|upjati|upjaati|gotra|obc|biradari|biradri"
    "|samuday|samudaay|community|जाति|जाती|जात|उपजाति|गोत्र|बिरादरी|समुदाय|ओबीसी",
    "religion": "religion|religious|religon|relegion|sect|faith|panth|dharm|dharma|dharam|mazhab|majhab|sampraday"
    "|धर्म|धार्मिक|मजहब|पंथ|पन्थ|संप्रदाय|सम्प्रदाय",
    "aadhaar": "aadhaar|aadhar|adhaar|adhar|aadhaarno|aadharno|addhar|uidai|आधार",
    "vote": "voted|votes|votedfor|vote|वोट",
}
_REFUSED_PHRASES: dict[str, str] = {
    "caste": "social category|social cat|reservation category|category sc st|sc st|reserved category"
    "|samajik varg|सामाजिक वर्ग",
    "aadhaar": "uid no|uid number|unique identification",
    "vote": "voting choice|vote choice|party vote|party affiliation"
    "|affiliated party|supports party|supports which party|matdaan pasand|matdata pasand|kisko vot diya|kise vot"
    "|मतदाता पसंद|मतदाता की पसंद|किसको मत|किसे मत|मत किसे"
    "|voting preference|voting intention|voting pattern|voting history"
    "|voter preference|voter inclination"
    "|party preference|preferred party|party inclination|political preference|political leaning|political affiliation"
    "|political inclination|party supported|supporter of|pasandida party|pasandida dal|kisko vot|matdan pasand"
    "|matdan ki pasand|rajnitik jhukav|rajnitik pasand|मतदान वरीयता|मतदान पसंद|मतदान की पसंद|मत वरीयता|पसंदीदा पार्टी"
    "|पसंदीदा दल|दल की पसंद|पार्टी की पसंद|राजनीतिक झुकाव|राजनीतिक पसंद|राजनीतिक दल|समर्थित पार्टी|समर्थित दल",
}
_REFUSED_STEMS = (  # long enough that no other word begins or ends with them
    ("caste", "caste"), ("subcaste", "caste"), ("religio", "religion"), ("aadhaar", "aadhaar"), ("aadhar", "aadhaar"),
    ("adhaar", "aadhaar"),
)  # fmt: skip
_HARMLESS = re.compile(  # a community of groups in WhatsApp says nothing about anybody's caste
    r"\b(whats ?app|wa) (community|communities|samuday|samudaay)\b|व्हाट्स ?[अएऐ]प समुदाय"
)
_NUKTA = "\u093c"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MARKS = re.compile(r"[^\w\u0900-\u097f]+|_+")
_DEVANAGARI = re.compile(r"[\u0900-\u097f]")


@dataclass(frozen=True, slots=True)
class RefusedColumn:
    """A column that must not be stored, as it is called in the file, and its kind (a key of ``REFUSED``)."""

    place: int
    header: str
    kind: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The field of each column ("" for one that is not taken), what is refused, and the header's language."""

    columns: tuple[str, ...]
    refused: tuple[RefusedColumn, ...]
    language: str


def plain(header: str) -> str:
    """A heading without case, signs and the dot under letters, so that spellings of it meet."""
    shown = "".join(char for char in header if unicodedata.category(char) != "Cf")  # nothing hides inside a word
    text = unicodedata.normalize("NFKC", shown).replace(_NUKTA, "").casefold()
    return " ".join(_MARKS.sub(" ", text).split())


def _spellings(header: str) -> tuple[str, str]:
    """The heading as it is, and with its words apart where capitals part them."""
    return plain(header), plain(_CAMEL.sub(" ", header))


def _table(names: Mapping[str, str]) -> dict[str, str]:
    return {plain(name): meaning for meaning, spellings in names.items() for name in spellings.split("|")}


_MEANINGS = _table(_NAMES)
_WORDS = _table(_REFUSED_WORDS)
_PHRASES = _table(_REFUSED_PHRASES)


def refused_kind(header: str) -> str:
    """Which kind of data that is never stored the heading speaks of; "" for none."""
    for text in (" ".join(_HARMLESS.sub(" ", spelling).split()) for spelling in _spellings(header)):
        for word in (*text.split(), text.replace(" ", "")):
            if kind := _kind_of_word(word.rstrip("0123456789०१२३४५६७८९")):
                return kind
        for phrase, kind in _PHRASES.items():
            if f" {phrase} " in f" {text} ":
                return kind
    return ""


def _kind_of_word(word: str) -> str:
    stems = (kind for stem, kind in _REFUSED_STEMS if word.startswith(stem) or word.endswith(stem))
    return _WORDS.get(word) or next(stems, "")


def field_of(header: str) -> str:
    """The field that the heading speaks of; "" for none that is taken."""
    return next((_MEANINGS[text] for text in _spellings(header) if text in _MEANINGS), "")


def propose(headers: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Proposal:
    """What each column holds, as far as its heading tells. Of two columns for one field the first is taken.

    ``rows``: the first ones below the headings; a column is refused for what stands in it as well.
    """
    refused = tuple(
        RefusedColumn(place, header, kind)
        for place, header in enumerate(headers)
        if (kind := refused_kind(header) or refused_values([row[place] for row in rows if place < len(row)]))
    )
    barred = {column.place for column in refused}
    columns: list[str] = []
    for place, header in enumerate(headers):
        field = "" if place in barred else field_of(header)
        columns.append("" if field in columns else field)
    hindi = sum(bool(_DEVANAGARI.search(header)) for header in headers)
    return Proposal(tuple(columns), refused, "hi" if 2 * hindi > len(headers) else "en")


def missing(columns: Sequence[str], *, with_territory: bool) -> list[str]:
    """Fields without which nobody can be taken. ``with_territory``: a place for all rows is given."""
    lacks = []
    if not {"name", "given_name"} & set(columns):
        lacks.append("name")
    if "phone" not in columns:
        lacks.append("phone")
    if not with_territory and not {"territory", "booth", "ac", "state"} & set(columns):
        lacks.append("territory")
    return lacks


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether at least two cells, or the only one, are headings that we know."""
    known = sum(bool(field_of(cell) or refused_kind(cell)) for cell in cells if cell)
    return known >= min(2, sum(bool(cell) for cell in cells)) and known > 0
