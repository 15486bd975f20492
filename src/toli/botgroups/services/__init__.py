"""Writes: connecting a bot, groups and accounts; taking what the platform sends; doing what is to be done there."""

from toli.botgroups.services.aligning import align
from toli.botgroups.services.connecting import connect_bot, count_people, manages_everywhere, post_test
from toli.botgroups.services.expecting import expect_groups, renew_group_code
from toli.botgroups.services.orders import carry_out
from toli.botgroups.services.people import disconnect_person, forget_person, start_address
from toli.botgroups.services.posts import receive
from toli.botgroups.services.reading import read_updates

__all__ = [
    "align",
    "carry_out",
    "connect_bot",
    "count_people",
    "disconnect_person",
    "expect_groups",
    "forget_person",
    "manages_everywhere",
    "post_test",
    "read_updates",
    "receive",
    "renew_group_code",
    "start_address",
]
