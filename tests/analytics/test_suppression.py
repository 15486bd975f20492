"""Small counts stay untold, also to somebody who subtracts. The law is checked by a reader who tries everything."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from toli.analytics.domain.funnel import Funnel
from toli.analytics.domain.suppression import FEW_MEMBERS, FEWEST, NOTHING_TOLD, Veil, family, in_full, is_few, one

STAGES = ("imported", "carded")  # the second is a part of the first; the other stages are 0


@some.composite
def people(draw, most=10):
    """A row: members, and those of them with a card."""
    imported = draw(some.integers(0, most))
    carded = draw(some.one_of(some.just(imported), some.integers(0, imported)))
    return Funnel(imported=imported, carded=carded)


families = some.lists(people(), min_size=1, max_size=4)


def total_of(rows):
    return sum(rows, Funnel())


def readings(shown, most):
    """Every (imported, carded) that a row can have, by what is told of it."""
    for imported in _numbers(shown.imported, most):
        for carded in _numbers(shown.carded, imported):
            yield imported, carded


def _numbers(figure, most):
    if figure is Veil.FEW:
        return range(1, min(FEWEST - 1, most) + 1)
    return range(most + 1) if figure is Veil.KEPT else ((figure,) if figure <= most else ())


def possible(total, told):
    """For each row and stage the numbers that fit all that is told: the sum and every row."""
    sum_told = one(total)
    most = FEWEST - 1 if is_few(total.imported) else total.imported  # as much as the reader knows of it
    rows = [sorted(set(readings(shown, most))) for shown in told]
    before = [{(0, 0)}]
    for options in rows:
        before.append({_add(state, option) for state in before[-1] for option in options if _fits(state, option, most)})
    ends = {end for end in before[-1] if all(_is_told(end[n], getattr(sum_told, s)) for n, s in enumerate(STAGES))}
    found, after = [defaultdict(set) for _row in rows], ends
    for number in range(len(rows) - 1, -1, -1):
        earlier = set()
        for state in before[number]:
            for option in rows[number]:
                if _add(state, option) in after:
                    earlier.add(state)
                    for stage, value in zip(STAGES, option, strict=True):
                        found[number][stage].add(value)
        after = earlier
    return found


def _add(state, option):
    return tuple(left + right for left, right in zip(state, option, strict=True))


def _fits(state, option, most):
    return state[0] + option[0] <= most


def _is_told(value, figure):
    return is_few(value) if figure is Veil.FEW else figure is Veil.KEPT or value == figure


@settings(max_examples=100)
@given(families)
def test_whoever_tries_everything_learns_nothing_of_few(rows):
    """A count that is told as few can be each number that is few: subtracting takes none of them away."""
    total = total_of(rows)
    told = family(total, rows)
    found = possible(total, told)
    for row, shown, numbers in zip(rows, told, found, strict=True):
        for stage in STAGES:
            assert getattr(row, stage) in numbers[stage]  # what is told is true
            if getattr(shown, stage) is Veil.FEW:
                assert set(range(1, FEWEST)) <= numbers[stage], (stage, told)


@settings(max_examples=100)
@given(families)
def test_no_few_count_can_be_worked_out(rows):
    """However a row is veiled: a count of it that is few is not the only number that fits."""
    total = total_of(rows)
    for row, numbers in zip(rows, possible(total, family(total, rows)), strict=True):
        for stage in STAGES:
            if is_few(getattr(row, stage)):
                assert len(numbers[stage]) > 1, stage


@given(families)
def test_no_few_count_is_ever_written(rows):
    for shown in [one(total_of(rows)), *family(total_of(rows), rows)]:
        for stage in STAGES:
            figure = getattr(shown, stage)
            assert isinstance(figure, Veil) or not is_few(figure)


@given(some.lists(people(most=200).filter(lambda row: all(not is_few(getattr(row, s)) for s in STAGES)), max_size=6))
def test_where_nothing_is_few_everything_is_told(rows):
    assert family(total_of(rows), rows) == [in_full(row) for row in rows]


@given(families, some.randoms(use_true_random=False))
def test_the_order_of_places_decides_nothing(rows, random):
    """But which of two equal rows is kept back."""
    turned = sorted(rows, key=lambda _row: random.random())
    told = lambda found: sorted(map(repr, family(total_of(found), found)))  # noqa: E731
    if len({row.imported for row in rows}) == len(rows):
        assert told(rows) == told(turned)


def members(*counts):
    return [Funnel(imported=count) for count in counts]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((3, 40, 90), [Veil.FEW, Veil.KEPT, 90]),  # 133 - 40 - 90 would tell
        ((0, 40, 90), [0, 40, 90]),
        ((3, 5, 5, 90), [Veil.FEW, Veil.KEPT, Veil.KEPT, Veil.KEPT]),  # two fives leave no room for an exchange
        ((3, 5, 8, 90), [Veil.FEW, Veil.KEPT, Veil.KEPT, 90]),
        ((4, 4), [Veil.KEPT, Veil.KEPT]),  # 8 of two fews: both would be four
        ((1, 1, 1, 1, 1, 0), [Veil.KEPT] * 6),
        ((2, 1), [Veil.KEPT, Veil.KEPT]),  # the sum is few itself
    ],
)
def test_examples(counts, told):
    rows = members(*counts)
    assert [shown.imported for shown in family(total_of(rows), rows)] == told


def test_few_of_many_need_room_as_well():
    """Three who have a card of forty: the row goes, and another with it, or the rest would tell."""
    rows = [Funnel(40, 3), Funnel(50, 50), Funnel(60, 30), Funnel(70, 70)]
    told = family(total_of(rows), rows)
    assert [shown.carded for shown in told] == [Veil.KEPT, Veil.KEPT, 30, 70]


def test_a_few_count_can_stand_in_a_row_that_is_shown():
    """Where rows are kept back for another reason, and leave room for it."""
    rows = [Funnel(3, 3), Funnel(40, 20), Funnel(60, 2), Funnel(70, 70)]
    assert [shown.carded for shown in family(total_of(rows), rows)] == [Veil.KEPT, Veil.KEPT, Veil.FEW, 70]


def test_a_stage_in_which_the_whole_is_few_is_not_divided():
    rows = [Funnel(40, shared=1), Funnel(50, shared=0), Funnel(60, shared=3)]
    assert [shown.shared for shown in family(total_of(rows), rows)] == [Veil.KEPT] * 3
    assert one(total_of(rows)).shared is Veil.FEW


def test_of_few_members_nothing_else_is_told():
    assert one(Funnel(3, 3, 2, opened=77)) == FEW_MEMBERS
    assert family(Funnel(3, 3), [Funnel(3, 3)]) == [NOTHING_TOLD]
