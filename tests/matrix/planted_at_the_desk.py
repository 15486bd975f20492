"""Bugs to plant where members are looked at, listed and taken out, and where roles are given."""

from collections.abc import Callable

from tests.matrix.planting import Patch, with_everything
from toli.access import policies, trail
from toli.access import selectors as access
from toli.access import services as roles
from toli.access.domain import permissions as can
from toli.access.domain.scope import EVERYWHERE
from toli.access.models import RoleAssignment
from toli.cards import selectors as cards
from toli.members import selectors as members
from toli.members.models import Export
from toli.members.services import revealing
from toli.members.services.exports import deciding, fetching
from toli.territories import selectors as territories
from toli.web import page
from toli.web.console import exports as pages

MEMBERS, LIST, MEMBER = "console/t/<str:code>/members", "console/t/<str:code>/export", "console/members/"
EXPORTS, STAFF = "console/exports", "console/t/<str:code>/staff"


def _all(*plants: Callable[[Patch], None]) -> Callable[[Patch], None]:
    def plant(patch: Patch) -> None:
        for one in plants:
            one(patch)

    return plant


def _members_of_everywhere(patch: Patch) -> None:
    """The list forgets the scope and the place."""
    real = members.members_page
    patch.setattr(members, "members_page", lambda _scope, **options: real(EVERYWHERE, after=options["after"]))


def _looking_is_enough_to_reveal(patch: Patch) -> None:
    real = policies.scope_for

    def mistaken(actor, permission):
        return real(actor, can.MEMBERS_VIEW if permission == can.MEMBERS_REVEAL else permission)

    patch.setattr(page, "scope_for", mistaken)
    patch.setattr(revealing, "scope_for", mistaken)


def _only_the_page_asks_for_reveal(patch: Patch) -> None:
    """Whoever may reveal anywhere may do so wherever they may look."""
    patch.setattr(revealing, "scope_for", lambda _actor, _permission: EVERYWHERE)
    with_everything(members, "get_active_member")(patch)


def _decide_alone(patch: Patch) -> None:
    def decide(actor, export_id, state):
        export = members.get_export(policies.scope_for(actor, can.EXPORTS_APPROVE), export_id)
        Export.objects.filter(pk=export.pk).update(state=state)
        return export

    patch.setattr(deciding, "_decide", decide)


def _anybody_s_link_will_do(patch: Patch) -> None:
    patch.setattr(fetching, "_check_owner", lambda _actor, _export: None)


def _links_are_made_for_all(patch: Patch) -> None:
    _anybody_s_link_will_do(patch)
    patch.setattr(pages.selectors, "get_export", lambda *_scope, **_lock: _of_whoever_asks(_scope[1]))


def _of_whoever_asks(export_id: int) -> Export:
    """A list that passes for everybody's own."""

    class Anybody:
        def __eq__(self, _other: object) -> bool:
            return True

        __hash__ = None

    export = Export.objects.get(pk=export_id)
    export.__dict__["asked_by_id"] = Anybody()
    return export


def _rights_are_not_asked_again(patch: Patch) -> None:
    """A link goes on working after the role ended."""
    patch.setattr(fetching, "still_allowed", lambda _asker, _export: EVERYWHERE)


def _roles_of_everywhere(patch: Patch) -> None:
    patch.setattr(access, "assignments_within", lambda _scope, **_place: list(access.assignments()))


def _roles_are_given_anywhere(patch: Patch) -> None:
    with_everything(territories, "get_territory")(patch)
    patch.setattr(roles, "scope_for", lambda _actor, _permission: EVERYWHERE)
    patch.setattr(roles, "_check_reach", lambda *_what: None)


def _roles_are_ended_anywhere(patch: Patch) -> None:
    with_everything(access, "get_assignment")(patch)
    patch.setattr(roles, "_check_reach", lambda *_what: None)


def _the_trail_of_everywhere(patch: Patch) -> None:
    patch.setattr(trail, "_visible", lambda _actor, _scope, found: found)


def _what_is_of_no_place_is_for_all(patch: Patch) -> None:
    patch.setattr(trail, "_is_country", lambda _scope: True)


def _members_are_enough_for_the_trail(patch: Patch) -> None:
    """Whoever may see members sees what was done to them, too."""
    real = policies.scope_for

    def mistaken(actor, permission):
        return real(actor, can.MEMBERS_VIEW if permission == can.AUDIT_VIEW else permission)

    patch.setattr(page, "scope_for", mistaken)
    patch.setattr(trail, "scope_for", mistaken)


def _ended_roles_give(patch: Patch) -> None:
    patch.setattr(policies, "_counting", lambda actor: RoleAssignment.objects.filter(account=actor.id))


# What is planted -> on which routes it is looked for.
BUGS: dict[str, tuple[Callable[[Patch], None], str]] = {
    "list: members of everywhere": (_members_of_everywhere, MEMBERS),
    "list: lists of everywhere to approve": (with_everything(members, "exports_to_decide"), EXPORTS),
    "list: roles of everywhere": (_roles_of_everywhere, STAFF),
    "search: a number of elsewhere is found": (with_everything(members, "with_phone"), MEMBERS),
    "search: a card of elsewhere is found": (with_everything(cards, "holder_of"), MEMBERS),
    "object: any member by its id": (with_everything(members.people, "get_member"), MEMBER),
    "object: the members of any place": (with_everything(territories, "get_territory"), MEMBERS),
    "object: any list by its id": (with_everything(members, "get_export"), EXPORTS),
    "object: the link of somebody else": (_anybody_s_link_will_do, "x/"),
    "object: a link to the list of somebody else": (_links_are_made_for_all, EXPORTS),
    "function: whoever may look may reveal": (_looking_is_enough_to_reveal, MEMBER),
    "action: a number of elsewhere is revealed": (_only_the_page_asks_for_reveal, MEMBER),
    "action: a list of elsewhere is asked for": (with_everything(territories, "get_territory"), LIST),
    "list: the trail of everywhere": (_the_trail_of_everywhere, "console/audit"),
    "object: any entry of the trail": (_the_trail_of_everywhere, "console/audit/<"),
    "list: the trail of no place is for everybody": (_what_is_of_no_place_is_for_all, "console/audit"),
    "function: whoever sees members sees the trail": (_members_are_enough_for_the_trail, "console/audit"),
    "action: one's own list is approved": (_decide_alone, EXPORTS),
    "action: a role beyond one's own area is given": (_roles_are_given_anywhere, STAFF),
    "action: a role of elsewhere is ended": (_roles_are_ended_anywhere, "console/staff"),
    "time: a link outlives the role": (_rights_are_not_asked_again, "x/"),
    "time: ended roles give roles": (_ended_roles_give, STAFF),
}

# A selector that lost its filter -> on which routes nothing from elsewhere may show, behind the second wall.
FORGOTTEN = {
    "member list": (_members_of_everywhere, MEMBERS),
    "search by number": (with_everything(members, "with_phone"), MEMBERS),
    "search by card": (with_everything(cards, "holder_of"), MEMBERS),
    "member by id": (with_everything(members.people, "get_member"), MEMBER),
    "number of a member": (_only_the_page_asks_for_reveal, MEMBER),
    "trail": (_the_trail_of_everywhere, "console/audit"),
    "trail of no place": (_what_is_of_no_place_is_for_all, "console/audit"),
    "lists to approve": (with_everything(members, "exports_to_decide"), EXPORTS),
    "list by id": (with_everything(members, "get_export"), EXPORTS),
    "list of any place": (with_everything(territories, "get_territory"), LIST),
}
