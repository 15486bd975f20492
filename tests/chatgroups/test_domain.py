"""Even parts; names and invite links of groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.chatgroups.domain import invites, naming
from toli.chatgroups.domain.planning import even_parts


@given(st.integers(0, 10**6), st.integers(1, 999))
def test_even_parts_differ_by_one_at_most(total, parts):
    found = even_parts(total, parts)
    assert sum(found) == total
    assert max(found) - min(found) <= 1


@given(st.text(min_size=1, max_size=300), st.integers(1, 10**6))
def test_a_group_name_always_fits_the_platform(territory, number):
    name = naming.group_name("{campaign} · {territory} · {number}", campaign="जुड़ाव", territory=territory, number=number)
    assert len(name) <= naming.LIMIT
    assert name.endswith(str(number))


@pytest.mark.parametrize(
    "pattern", ["{campaign}", "{territory} {number} {x}", "{number}", "{territory}", "{territory.x}{number}"]
)
def test_a_pattern_that_cannot_tell_groups_apart_is_refused(pattern):
    with pytest.raises(ValueError, match=r"lacks|unknown"):
        naming.check_pattern(pattern)


@pytest.mark.parametrize(
    "text",
    [
        "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
        "http://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
        "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV?mode=ac_t",
        "Open this link to join: https://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
        "https://chat.whatsapp.com/invite/AbcdefghijklmnopqrstuV/",
    ],
)
def test_an_invite_link_is_recognised_however_it_is_pasted(text):
    assert invites.canonical("whatsapp_group", text) == "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "https://chat.whatsapp.com/", "https://chat.whatsapp.com.evil.example/AbcdefghijklmnopqrstuV",
     "https://evil.example/?u=https://chat.whatsapp.com/AbcdefghijklmnopqrstuV", "javascript:alert(1)",
     "https://t.me/+AbcdefghijklmnopQ"],
)  # fmt: skip
def test_anything_else_is_no_invite_link(text):
    assert invites.canonical("whatsapp_group", text) is None
