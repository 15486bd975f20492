"""Reading what was copied out of a group, and holding it against the seats."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.chatgroups.domain.rosters import Holder, Kind, NothingRead, compare, read

ONE, TWO, THREE = "+910123456789", "+911234567890", "+912345678901"
SPELT = "+91 01234 56789"


def holder(seat_id: int, number: str, name: str = "Ravi", *, confirmed: bool = False) -> Holder:
    return Holder(seat_id, frozenset({number}), name, confirmed)


class TestLists:
    def test_the_header_of_the_web_page_holds_numbers_and_saved_names(self):
        found = read(f"Sita Devi, {SPELT}, +91 12345 67890, Ravi Booth 12, You")
        assert found.kind is Kind.LIST
        assert found.numbers == {ONE, TWO}
        assert dict(found.names) == {"sita devi": 1, "ravi booth 12": 1}

    def test_hindi_calls_the_copier_aap(self):
        assert read(f"सीता देवी, {SPELT}, आप").people == 2

    def test_marks_of_direction_narrow_blanks_and_the_tilde_are_no_part_of_a_name(self):
        found = read(f"\u202a+91\u00a001234\u202f56789\u202c, ~\u202fRavi, {ONE}")
        assert found.numbers == {ONE} and dict(found.names) == {"ravi": 1}

    def test_digits_may_be_devanagari(self):
        assert read("+९१ ०१२३४ ५६७८९, सीता").numbers == {ONE}

    def test_one_number_on_each_line_is_a_list_too(self):
        assert read(f"{ONE}\n{TWO}\nYou").names_everybody

    def test_the_panel_with_texts_about_people_names_nobody_but_the_numbers(self):
        found = read(f"{SPELT}\n~Ravi\nHey there! I am using WhatsApp.\nGroup admin\n{TWO}\n~Sita\nBusy")
        assert found.kind is Kind.PANEL and found.numbers == {ONE, TWO} and not found.names
        assert not found.names_everybody

    def test_what_looks_like_a_number_and_is_none_is_counted(self):
        assert read(f"{SPELT}, +91 012345 6789 0123 999, Ravi").unread == 1

    @pytest.mark.parametrize("text", ["", "  \n ", "You", "आप", "\u200e"])
    def test_nothing_is_said_to_be_nothing(self, text):
        with pytest.raises(NothingRead):
            read(text)


CHAT_EN = f"""25/11/2026, 10:15 - Messages and calls are end-to-end encrypted.
25/11/2026, 10:16 - {SPELT} joined using this group's invite link
25/11/2026, 10:17 - Sita Devi added +91 12345 67890 and Ravi
25/11/2026, 10:18 - {SPELT}: good morning
everybody
25/11/2026, 10:19 - +91 12345 67890 left
25/11/2026, 10:20 - You added +91 23456 78901
25/11/2026, 10:21 - Sita Devi removed +91 23456 78901
"""
CHAT_HI = f"""25/11/2026, 10:16 am - {SPELT} इस ग्रुप के इनवाइट लिंक के ज़रिए जुड़े
25/11/2026, 10:17 am - सीता देवी ने +91 12345 67890 को जोड़ा
25/11/2026, 10:19 am - +91 12345 67890 ने ग्रुप छोड़ दिया
25/11/2026, 10:20 am - आपने रवि को हटाया
25/11/2026, 10:21 am - सीता देवी ने +91 23456 78901 को हटाया
"""
CHAT_IPHONE = f"""[25/11/26, 10:16:01 AM] Booth 12: \u200e{SPELT} joined using a group link.
[25/11/26, 10:17:01 AM] ~ Ravi: \u200e~ Ravi joined using a group link.
[25/11/26, 10:18:01 AM] +91 12345 67890: \u200e+91 12345 67890 left
"""


class TestChats:
    def test_the_last_line_about_somebody_counts(self):
        found = read(CHAT_EN)
        assert found.kind is Kind.CHAT and not found.names_everybody
        assert found.numbers == {ONE} and found.gone_numbers == {TWO, THREE} and set(found.names) == {"ravi"}

    def test_hindi(self):
        found = read(CHAT_HI)
        assert found.numbers == {ONE} and found.gone_numbers == {TWO, THREE} and set(found.gone_names) == {"रवि"}

    def test_an_iphone_puts_the_group_or_the_person_in_front(self):
        found = read(CHAT_IPHONE, group_name="Booth 12")
        assert found.numbers == {ONE} and found.gone_numbers == {TWO} and set(found.names) == {"ravi"}

    @pytest.mark.parametrize("stamp", ["25/11/2026, 10:19 - ", "[25/11/26, 10:18:01 AM] "])
    @pytest.mark.parametrize("body", [f"{SPELT} left", f"Sita removed {SPELT}", f"सीता ने {SPELT} को हटाया"])
    def test_nobody_can_write_another_one_out(self, stamp, body):
        mallory = f"{stamp}+91 12345 67890: \u200e{body}"
        assert not read(f"{CHAT_EN}\n{mallory}").gone_numbers & {ONE}


def test_cards_are_read():
    cards = f"BEGIN:VCARD\nVERSION:3.0\nFN:Sita\nTEL;TYPE=CELL:{SPELT}\nEND:VCARD\n"
    found = read(cards + cards.replace(SPELT, TWO))
    assert found.kind is Kind.CARDS and found.numbers == {ONE, TWO} and not found.names_everybody


class TestComparing:
    def test_a_number_finds_its_seat_and_others_are_strangers(self):
        found = compare(read(f"{ONE}, {THREE}, You"), [holder(1, ONE), holder(2, TWO)])
        assert (found.here, found.missing, found.strangers) == ([1], [2], [THREE])

    def test_a_family_on_one_phone_is_there_together(self):
        assert compare(read(f"{ONE}, {TWO}"), [holder(1, ONE), holder(2, ONE, "Sita")]).here == [1, 2]

    def test_a_name_counts_where_one_seat_alone_bears_it(self):
        found = compare(read("~ RAVI  Kumar, Sita, Sita"), [holder(1, ONE, "Ravi Kumar"), holder(2, TWO, "Sita")])
        assert found.here_by_name == [1] and found.missing == [2] and found.unknown_names == 2

    def test_two_of_one_name_are_not_guessed(self):
        found = compare(read(f"Ravi, {THREE}"), [holder(1, ONE), holder(2, TWO)])
        assert found.here_by_name == [] and found.missing == [1, 2] and found.unknown_names == 1

    def test_whoever_was_there_and_stands_in_no_complete_list_has_gone(self):
        found = compare(read(f"{THREE}, You"), [holder(1, ONE, confirmed=True), holder(2, TWO)])
        assert found.gone == [1] and found.missing == [2]

    def test_nobody_has_gone_who_may_stand_there_under_another_name(self):
        found = compare(read(f"{THREE}, Brother of Sita"), [holder(1, ONE, confirmed=True)])
        assert found.gone == [] and found.missing == [1]

    def test_a_chat_sends_away_only_those_whom_it_names(self):
        mohan = holder(3, "+913456789012", "Mohan", confirmed=True)
        found = compare(read(CHAT_EN), [holder(1, ONE), holder(2, TWO), mohan])
        assert (found.here, found.gone, found.missing) == ([1], [2], [3])

    @given(st.data())
    def test_each_seat_is_told_of_once_and_no_stranger_holds_one(self, data):
        numbers = data.draw(st.lists(st.sampled_from([f"+9101234567{n:02}" for n in range(40)]), max_size=30))
        names = data.draw(st.lists(st.sampled_from(["Ravi", "Sita", "Ravi Kumar", "सीता"]), max_size=8))
        holders = [
            holder(seat, f"+9101234567{data.draw(st.integers(0, 60)):02}", data.draw(st.sampled_from(names or ["X"])),
                   confirmed=data.draw(st.booleans()))
            for seat in range(data.draw(st.integers(0, 25)))
        ]  # fmt: skip
        if not numbers and not names:
            return
        found = compare(read(", ".join([*numbers, *names])), holders)
        assert sorted(found.here + found.here_by_name + found.gone + found.missing) == [one.seat_id for one in holders]
        held = {number for one in holders for number in one.numbers}
        assert set(found.strangers) == set(numbers) - held
        assert found.unknown_names == len(names) - len(found.here_by_name)


@pytest.mark.parametrize("you", ["You", "आप"])
def test_a_thousand_participants_are_told_apart_to_the_person(you):
    """700 by number, 200 by a name that they alone bear, 60 strangers; 50 seats of people who never came, 40 left."""
    draw = random.Random(142)
    number = [f"+91{draw.randrange(6)}{value:09}" for value in draw.sample(range(10**9), 1050)]
    here = [holder(seat, number[seat], f"Member {seat}") for seat in range(900)]
    never = [holder(seat, number[seat], f"Member {seat}") for seat in range(900, 950)]
    left = [holder(seat, number[seat], f"Member {seat}", confirmed=True) for seat in range(950, 990)]
    spelt = [f"{n[:3]} {n[3:8]} {n[8:]}" for n in number]
    items = spelt[:700] + [one.name for one in here[700:]] + spelt[990:1050] + [you]
    draw.shuffle(items)
    found = compare(read(", ".join(items)), [*here, *never, *left])
    assert sorted(found.here) == list(range(700)) and sorted(found.here_by_name) == list(range(700, 900))
    assert sorted(found.missing) == list(range(900, 950)) and found.gone == list(range(950, 990))
    assert set(found.strangers) == set(number[990:1050]) and found.unknown_names == 0
