"""Pages see places and posts where they see the territory or the group."""

from toli.core.wall import Rule, either, parent, protect, territory

protect(
    "posting_place",
    Rule(either(territory("posting_place.territory_id"), parent("chatgroups_chatgroup", "posting_place.group_id"))),
)
protect("posting_post", Rule(parent("posting_place", "posting_post.place_id")))
