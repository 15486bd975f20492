"""Every action that is recorded anywhere has its sentence, in both languages, and no sentence waits for nothing."""

import re

import pytest
from django.utils import translation

from tests.audit.recorded import actions
from toli.web.console.trail_words import GROUPS, SENTENCES, Group, actions_of, group_of, sentence_of

WORDS = {action: str(words) for found in SENTENCES.values() for action, words in found.items()}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def test_every_recorded_action_has_a_sentence():
    """Record something new? Give it a sentence in src/toli/web/console/trail_words.py."""
    assert sorted(actions() - set(WORDS)) == []


def test_no_sentence_is_about_what_nobody_records():
    assert sorted(set(WORDS) - actions()) == []


def test_each_action_belongs_to_one_group():
    assert sum(len(found) for found in SENTENCES.values()) == len(WORDS)
    assert set(SENTENCES) == set(Group) == set(GROUPS)


@pytest.mark.parametrize("action", sorted(WORDS))
def test_sentences_say_who_in_both_languages(action):
    with translation.override("hi"):
        hindi = str(sentence_of(action))
    assert re.search(r"[\u0900-\u097f]", hindi), f"no Hindi: {WORDS[action]}"
    assert set(PLACEHOLDER.findall(hindi)) == set(PLACEHOLDER.findall(WORDS[action]))
    assert "who" in PLACEHOLDER.findall(hindi)
    assert action not in WORDS[action]


def test_an_action_of_a_later_version_is_named_as_it_is():
    assert str(sentence_of("cards.100%")) % {"who": "Asha", "what": "x"} == "Asha: cards.100%."
    assert group_of("cards.100%") is None


@pytest.mark.parametrize("group", ["", "nonsense", "members.view"])
def test_an_unknown_group_has_no_actions(group):
    assert actions_of(group) == ()
