"""Whatever is done to a chain is found, at the very entry: by law in memory, and on the database with no guard left."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as laws
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.audit.conftest import as_intruder, run, write
from toli.audit import services as audit
from toli.audit.domain.chain import START, Head, Link, canonical, follows, make_seal
from toli.audit.domain.faults import Fault, FaultKind, diagnose
from toli.audit.domain.heads import HeadLine, contradiction, weigh
from toli.audit.models import AuditEntry
from toli.audit.services.heads import heads_path

KEYS = {1: b"k" * 32}
texts = st.lists(st.text(max_size=6) | st.none(), min_size=1, max_size=4)
bodies = st.lists(texts, min_size=3, max_size=12)


def chain(rows) -> list[Link]:
    links, before = [], START
    for position, fields in enumerate(rows, start=1):
        # The entry's own number is among its fields, so that no two bodies are the same.
        body = canonical([str(position), *fields])
        before = make_seal(KEYS, 1, before, position, body)
        links.append(Link(position, position, before, body))
    return links


def first_fault(links: list[Link], keys=KEYS) -> Fault | None:
    """As services.verifying walks, over a list."""
    links = sorted(links, key=lambda link: (link.position, link.entry_id))
    before, position = START, 0
    for link in links:
        if link.position != position + 1 or not follows(keys, before, position + 1, link.seal, link.body):
            if link.position < position + 1:
                return Fault(FaultKind.INSERTED, link.position, link.entry_id)
            return diagnose(keys, before, position + 1, link, lambda: iter(links))
        before, position = link.seal, link.position
    return None


@given(st.lists(texts, min_size=2, max_size=2, unique_by=repr))
def test_two_entries_never_give_the_same_bytes(two):
    assert canonical(two[0]) != canonical(two[1])


@laws(max_examples=40)
@given(bodies)
def test_an_untouched_chain_is_whole(rows):
    assert first_fault(chain(rows)) is None


@laws(max_examples=60)
@given(bodies, st.data())
def test_a_changed_body_is_found_where_it_is(rows, data):
    links = chain(rows)
    at = data.draw(st.integers(0, len(links) - 1))
    old = links[at]
    links[at] = Link(old.entry_id, old.position, old.seal, old.body + b"1:x,")
    assert first_fault(links) == Fault(FaultKind.CHANGED, at + 1, at + 1)


@laws(max_examples=60)
@given(bodies, st.data())
def test_every_changed_byte_of_a_seal_is_found(rows, data):
    links = chain(rows)
    at = data.draw(st.integers(0, len(links) - 1))
    byte = data.draw(st.integers(2, 33))
    old = links[at]
    seal = bytearray(old.seal)
    seal[byte] ^= data.draw(st.integers(1, 255))
    links[at] = Link(old.entry_id, old.position, bytes(seal), old.body)
    fault = first_fault(links)
    assert fault is not None
    assert fault.position == at + 1


@laws(max_examples=60)
@given(bodies, st.data())
def test_removed_entries_are_found_and_counted(rows, data):
    links = chain(rows)
    first = data.draw(st.integers(0, len(links) - 2))
    count = data.draw(st.integers(1, len(links) - 1 - first))
    del links[first : first + count]
    assert first_fault(links) == Fault(FaultKind.REMOVED, first + 1, count=count)


@laws(max_examples=60)
@given(bodies, st.data())
def test_two_entries_that_changed_places_are_found(rows, data):
    links = chain(rows)
    one = data.draw(st.integers(0, len(links) - 2))
    other = data.draw(st.integers(one + 1, len(links) - 1))
    a, b = links[one], links[other]
    links[one] = Link(b.entry_id, a.position, b.seal, b.body)
    links[other] = Link(a.entry_id, b.position, a.seal, a.body)
    fault = first_fault(links)
    assert fault is not None
    assert (fault.kind, fault.position) == (FaultKind.REORDERED, one + 1)


@laws(max_examples=40)
@given(bodies)
def test_without_its_key_nothing_is_taken_for_whole(rows):
    fault = first_fault(chain(rows), {1: b"q" * 32})
    assert fault is not None
    assert (fault.kind, fault.position) == (FaultKind.KEY, 1)


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_head_that_the_database_does_not_reach_tells_the_cut(reached, more):
    known = weigh([HeadLine(1, reached, b"a", valid=True), HeadLine(2, reached + more, b"b", valid=True)])
    fault = contradiction(known, {reached: b"a"}, Head(reached, b"a"), 0)
    assert fault == Fault(FaultKind.CUT, reached + 1, known=reached + more)


# -- the real database, as somebody who owns it ------------------------------------------------------------


def found() -> tuple[str, int] | None:
    fault = audit.verify().fault
    return (fault.kind.value, fault.position) if fault else None


@pytest.mark.parametrize(
    "change",
    [
        "id = 900000",
        "at = at + interval '1 microsecond'",
        "actor_kind = 'member'",
        "actor_id = 77",
        "actor_id = NULL",
        "address = '192.0.2.2'",
        "action = 'members.edit'",
        "target = 'member:0'",
        "territory_id = NULL",
        "details = '{\"n\": 99}'",
        "seal = '\\x00'",
        "seal = NULL",
    ],
)
def test_every_column_is_under_the_seal(trail, change):
    with as_intruder():
        assert run(f"UPDATE audit_auditentry SET {change} WHERE position = 5") == 1
        assert found() == ("changed", 5)


def test_removing_is_found(trail):
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position IN (6, 7)")
        fault = audit.verify().fault
    assert (fault.kind, fault.position, fault.count) == (FaultKind.REMOVED, 6, 2)


def test_removing_is_found_also_when_the_rest_moved_up(trail):
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position = 6")
        run("UPDATE audit_auditentry SET position = position - 1 WHERE position > 6")
        assert found() == ("removed", 6)


def test_an_entry_slipped_in_is_found(trail):
    with as_intruder():
        run("UPDATE audit_auditentry SET position = position + 1 WHERE position >= 4")
        run(
            "INSERT INTO audit_auditentry (at, actor_kind, address, action, target, details, position, seal)"
            " SELECT at, actor_kind, '', 'test.do', 'x', '{}', 4, seal FROM audit_auditentry WHERE position = 3"
        )
        assert found() == ("inserted", 4)


def test_two_at_one_position_are_found(trail):
    with as_intruder():
        run(
            "INSERT INTO audit_auditentry (at, actor_kind, address, action, target, details, position, seal)"
            " SELECT at, actor_kind, address, action, target, details, position, seal"
            " FROM audit_auditentry WHERE position = 3"
        )
        fault = audit.verify().fault
    assert fault is not None
    assert fault.position == 3


def test_another_order_is_found(trail):
    with as_intruder():
        run("UPDATE audit_auditentry SET position = 11 - position WHERE position IN (4, 7)")
        assert found() == ("reordered", 4)


def test_swapped_seals_are_found(trail):
    with as_intruder():
        run(
            "UPDATE audit_auditentry e SET seal = o.seal FROM audit_auditentry o"
            " WHERE e.position IN (4, 7) AND o.position = 11 - e.position"
        )
        fault = audit.verify().fault
    assert fault is not None
    assert fault.position == 4


def test_an_end_that_was_cut_off_is_found_by_the_heads_file(trail):
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position > 9")
        fault = audit.verify().fault
    assert (fault.kind, fault.position, fault.known) == (FaultKind.CUT, 10, 12)


def test_without_the_heads_file_a_cut_end_is_not_found_and_that_is_said(trail):
    heads_path().unlink()
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position > 9")
        report = audit.verify()
    assert (report.faults, report.heads) == ([], 0)


def test_going_on_after_a_cut_does_not_hide_it(trail):
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position > 9")
    write(6, start=20)
    audit.seal()
    assert found() == ("cut", 10)


def test_a_forged_line_of_the_heads_file_is_found(trail):
    lines = [json.loads(line) for line in heads_path().read_text().splitlines()]
    lines[1]["at"] = "2020-01-01T00:00:00+00:00"
    heads_path().write_text("".join(json.dumps(line) + "\n" for line in lines))
    fault = audit.verify().fault
    assert (fault.kind, fault.known) == (FaultKind.HEADS, 2)


def test_another_key_is_told_from_a_changed_entry(trail, settings):
    settings.TOLI_AUDIT_KEYS = {1: b"q" * 32}
    assert found() == ("key", 1)


def test_a_restart_is_accepted_and_stays_visible(trail):
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position > 9")
    audit.restart(reason="restored a backup")
    report = audit.verify()
    assert not report.faults
    assert [line.restart for line in report.restarts] == ["restored a backup"]


# -- the command -------------------------------------------------------------------------------------------


def _verify(*arguments):
    from toli.cli.commands.audit import app

    return CliRunner().invoke(app, ["verify", *arguments])


def test_the_command_ends_with_0_when_whole(trail):
    result = _verify()
    assert result.exit_code == 0, result.output
    assert _verify("--json").exit_code == 0


def test_the_command_ends_with_1_and_names_the_entry(trail):
    with as_intruder():
        run("UPDATE audit_auditentry SET target = 'member:0' WHERE position = 5")
        result = _verify("--json")
    assert result.exit_code == 1
    fault = json.loads(result.output)["faults"][0]
    assert (fault["kind"], fault["position"]) == ("changed", 5)
    assert fault["entry"] == AuditEntry.objects.get(position=5).pk


def test_the_command_says_older_than_the_heads_file(trail):
    with as_intruder():
        run("DELETE FROM audit_auditentry WHERE position > 9")
        result = _verify("--json")
    assert result.exit_code == 1
    assert "older than the heads file" in json.loads(result.output)["faults"][0]["sentence"]
