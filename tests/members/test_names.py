"""Keys under which spellings of one name meet, in any script of India."""

import csv
import unicodedata
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.members.domain.names import name_keys, sought_keys
from toli.members.domain.scripts import to_latin

SAME = [
    "सुनीता सुनिता Sunita Suneeta SUNITA সুনীতা સુનીતા ਸੁਨੀਤਾ சுனிதா సునీత ಸುನೀತಾ സുനിത ସୁନୀତା",
    "सिंह सिंघ Singh Sing ਸਿੰਘ",
    "मोहम्मद मुहम्मद मो Mohammad Mohammed Muhammad Mohd Md",
    "विजय Vijay Vijaya Vijai",
    "चौधरी Chaudhary Choudhary Chaudhari Chaudhry",
    "लक्ष्मी Laxmi Lakshmi",
    "ज्ञानेश Gyanesh Dnyanesh",
    "महेन्द्र महेंद्र Mahendra Mahender Mahinder",
    "शर्मा Sharma Sarma",
    "वर्मा Verma Varma",
    "देव Dev Deo",
    "राव Rao",
    "फ़ातिमा फातिमा Fatima Phatima",
    "ओमप्रकाश Omprakash",
    "मुखर्जी Mukherjee Mukharji",
    "जय Jai Jay",
    "आयशा Ayesha Aisha",
    "विकास बिकास Vikas Bikas Vikash",
    "गौड़ Gaur",
    "पूजा Puja Pooja",
    "शंभू शम्भू Shambhu Sambhu",
    "कमलेश Kamlesh Kamalesh",
    "ज़ाकिर जाकिर Zakir Jakir",
]
APART = ["Sunita Sumitra", "Ram Rani", "Aditya Aditi", "Mohan Madan", "Geeta Kavita", "Singh Sinha", "Ravi Rana"]
LETTERS = st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Mc"], max_codepoint=0x0DFF), min_size=1)
HINDI = st.text(alphabet=[chr(code) for code in range(0x0900, 0x0980)], min_size=1)
COMMON = st.sampled_from(["Sunita", "Devi", "सुनीता", "देवी", "Smt.", "श्रीमती", "Md", "R.K."])
NAMES = st.lists(st.one_of(LETTERS, HINDI, COMMON), min_size=1)


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_name_have_one_key(spellings):
    assert len({name_keys(spelling) for spelling in spellings.split()}) == 1


@pytest.mark.parametrize("names", APART)
def test_other_names_have_other_keys(names):
    first, second = names.split()
    assert name_keys(first) != name_keys(second)


@pytest.mark.parametrize(
    "name",
    ["Smt. Suneeta Devi", "श्रीमती सुनीता देवी", "Devi Sunita", "डॉ. सुनीता देवी जी", "कु. सुनीता  देवी", "Sunita-Devi"],
)
def test_titles_and_order_do_not_count(name):
    assert name_keys(name) == ("divi", "sunit")


@pytest.mark.parametrize(("name", "keys"), [("Shri", ("sri",)), ("श्रीमती", ("srimti",)), ("Km.", ("km",))])
def test_a_title_alone_is_a_name(name, keys):
    assert name_keys(name) == keys


def test_urdu_passes_through():
    assert name_keys("عائشہ بیگم") == ("بیگم", "عائشہ")


@given(NAMES)
def test_a_name_with_a_letter_has_a_key(words):
    name = " ".join(words)
    if any(letter.isalpha() for letter in unicodedata.normalize("NFC", name)):
        assert name_keys(name)
        assert all(key and " " not in key and "'" not in key for key in name_keys(name))


@given(NAMES)
def test_way_of_writing_and_order_change_nothing(words):
    name = " ".join(words)
    decomposed = unicodedata.normalize("NFD", name)
    assert name_keys(decomposed) == name_keys(name) == tuple(sorted(set(name_keys(name))))
    assert name_keys(f"  {name}\t") == name_keys(name)


@given(st.one_of(LETTERS, HINDI))
def test_reading_in_latin_letters_is_idempotent(word):
    assert to_latin(to_latin(word)) == to_latin(word)


@given(st.sampled_from(["सुनीता", "Kamlesh", "Vikas", "Rajendra", "मीना", "Imran"]), st.integers(2, 8))
def test_the_beginning_of_a_word_is_the_beginning_of_its_key(word, length):
    (whole,) = name_keys(word)
    (begun,) = sought_keys(word[:length])
    assert whole.startswith(begun)


@pytest.mark.shared_data
def test_real_names_meet_across_scripts_and_few_strangers_do(shared_data):
    """Figures of docs/algorithms/names.md. The file has no pairs: a pair counts when both spellings are in it."""
    by_key, names = defaultdict(set), defaultdict(set)
    with (shared_data / "names" / "person_names.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["script"] in {"Latn", "Deva"} and not row["kind"].startswith("prefix"):
                names[row["script"]].add(row["name"])
                for key in name_keys(row["name"]):
                    by_key[row["script"], key].add(row["name"])
    met = [name for name in names["Deva"] if any(by_key.get(("Latn", key)) for key in name_keys(name))]
    keys = {key for script, key in by_key if script == "Latn"}
    assert len(met) >= 190
    assert len(keys) >= 0.85 * len(names["Latn"])
    assert max(len(by_key["Latn", key]) for key in keys) <= 6
