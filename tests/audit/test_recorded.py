"""The reader of the source finds actions however they are handed on, and says when it cannot."""

import textwrap

import pytest

from tests.audit import recorded
from tests.audit.recorded import Module, Source, Unreadable


def found(tmp_path, monkeypatch, **files):
    monkeypatch.setattr(recorded, "ROOT", tmp_path)
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return set(Source([Module.read(tmp_path / f"{name}.py") for name in files]).recorded())


def test_text_and_either_or(tmp_path, monkeypatch):
    text = """
    def act(given):
        audit.record(action="a.plain")
        audit.record(action="a.yes" if given else "a.no")
    """
    assert found(tmp_path, monkeypatch, one=text) == {"a.plain", "a.yes", "a.no"}


def test_through_helpers_of_this_and_of_other_files(tmp_path, monkeypatch):
    helper = """
    def act():
        _outer("a.outer")

    def _outer(action):
        write(action=action)

    def write(action, who=None):
        audit.record(action=action)
    """
    other = """
    from toli.helper import write

    def act():
        write("b.other", 1)
    """
    stranger = "def act():\n    write('c.not_ours')\n"
    assert found(tmp_path, monkeypatch, helper=helper, other=other, stranger=stranger) == {"a.outer", "b.other"}


@pytest.mark.parametrize("value", ["f'a.{verb}'", "NAMES[verb]", "verb + '.x'", "local"])
def test_what_is_put_together_cannot_be_told(tmp_path, monkeypatch, value):
    with pytest.raises(Unreadable, match=r"one\.py:3"):
        found(tmp_path, monkeypatch, one=f"\ndef act(verb):\n    audit.record(action={value})\n")


def test_the_real_source_records_many():
    assert {"members.reveal", "members.export.ready", "content.approve", "rights.done"} <= recorded.actions()
