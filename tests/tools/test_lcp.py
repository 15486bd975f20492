"""What the measuring of pages makes of its visits. The visits themselves need a quiet machine: ``make lcp``."""

from tools.lcp import BOUND_MS, summed_up, table


def visit(ms, what="img"):
    return {"ms": ms, "first": ms - 100, "bytes": 46_000, "what": what}


def test_the_median_of_the_visits_is_held_against_the_bound():
    slow = summed_up([visit(1900), visit(BOUND_MS + 1), visit(9000)])
    assert (slow.lcp_median, slow.lcp_least, slow.lcp_most, slow.within) == (BOUND_MS + 1, 1900, 9000, False)
    assert summed_up([visit(BOUND_MS), visit(100), visit(9000)]).within


def test_the_table_has_a_line_for_each_page():
    found = table({"/me": summed_up([visit(2000)]), "/s/<code>": summed_up([visit(3000, "p")])}).splitlines()
    assert [line.split()[-1] for line in found[1:]] == ["yes", "NO"]
    assert [line.split()[0] for line in found] == ["page", "/me", "/s/<code>"]
